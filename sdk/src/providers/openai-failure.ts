import { asNumber, asRecord, asText } from '../core/read.ts'

/** A failure that the provider reports inside an answer of status 200; undefined where there is none. */
export function toFailure(value: unknown): Error | undefined {
  if (typeof value === 'string' && value !== '') return new Error(value)
  const error = asRecord(value)
  if (error === undefined) return undefined
  const status = asNumber(error['status']) ?? asNumber(error['code'])
  const code = asText(error['code']) ?? asText(error['type'])
  const failure = new Error(asText(error['message']) ?? code ?? 'the provider reported a failure')
  if (code !== undefined) failure.name = code
  return status === undefined ? failure : Object.assign(failure, { status })
}
