import type { SpanAmendment } from '../amend-spans.ts'

/** A span whose call an event tells. */
export const NOT_THE_CALL = {
  countsTokens: false,
  costNanoUsd: null,
  costReason: 'not_a_model_call',
  priceVersion: null,
} as const

/** What both may tell of the call. */
export type Told = {
  finishReasons: string[] | null
  ttftUs: number | null
  provider: string | null
  requestModel: string | null
  responseModel: string | null
  isProviderInferred: boolean
}

/** What the span of a call says and its event does not. */
export function whatIsMissing(event: Told, span: Told): SpanAmendment['set'] {
  return {
    ...(event.ttftUs === null && span.ttftUs !== null ? { ttftUs: span.ttftUs } : {}),
    ...((event.finishReasons ?? []).length === 0
      ? { finishReasons: span.finishReasons ?? [] }
      : {}),
    ...(event.requestModel === null && event.responseModel !== null && span.requestModel !== null
      ? { requestModel: span.requestModel }
      : {}),
    ...(event.isProviderInferred && !span.isProviderInferred && event.provider === span.provider
      ? { providerInferred: false }
      : {}),
  }
}
