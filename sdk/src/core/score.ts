import { diag, isSpanContextValid } from '@opentelemetry/api'
import { activeContext } from './active-context.ts'
import { activeSpanContext } from './active-span.ts'
import { Content } from './fields.ts'
import { getRuntime } from './runtime.ts'
import * as names from './semconv.ts'

/**
 * Who judged: somebody who uses the application, a model that judges, or a check in code.
 *
 * @example
 * const source: ScoreSource = 'judge'
 */
export type ScoreSource = 'user' | 'judge' | 'code'

/**
 * What is judged: a span, a trace, or the answer with an id; the span that is active, unless given.
 *
 * @example
 * const target: ScoreTarget = { responseId: completion.id }
 */
export type ScoreTarget = {
  readonly traceId?: string
  readonly spanId?: string
  /** The id that the provider gave its answer, such as `chatcmpl-…`. */
  readonly responseId?: string
}

/**
 * A verdict on what an application did.
 *
 * @example
 * const verdict: Score = { name: 'correct', label: 'pass', traceId }
 */
export type Score = ScoreTarget & {
  readonly name: string
  /** A number, a label, or both. */
  readonly value?: number
  readonly label?: string
  /** This is content: it is redacted, and off in mode `none`. */
  readonly comment?: string
  /** `code` unless given. */
  readonly source?: ScoreSource
  /** The same id again replaces the score. */
  readonly id?: string
}

/**
 * Judges a call, a span or a trace; it may be sent before the span is. A score that cannot be right is
 * left out with a line to OpenTelemetry's `diag`.
 *
 * @example
 * score({ responseId: completion.id, name: 'helpful', value: 0.8, source: 'judge' })
 */
export function score(given: Score): void {
  try {
    const runtime = getRuntime()
    if (runtime === undefined) return
    const fault = faultOf(given)
    const target = targetOf(given)
    if (fault !== undefined || target === undefined) {
      const reason = fault ?? 'it needs a traceId, spanId or responseId, or an active span'
      diag.warn(`sightline: the score "${String(given.name)}" is left out: ${reason}`)
      return
    }
    const { name, value, label, comment, source = 'code', id = newId() } = given
    runtime.emitLog({
      eventName: names.EVENT_EVALUATION,
      atMs: runtime.now(),
      traceId: target.traceId,
      spanId: target.spanId,
      fields: {
        [names.ATTR_EVALUATION_NAME]: name,
        [names.ATTR_EVALUATION_VALUE]: value,
        [names.ATTR_EVALUATION_LABEL]: label,
        [names.ATTR_EVALUATION_EXPLANATION]:
          comment === undefined ? undefined : new Content('score.comment', comment),
        [names.ATTR_RESPONSE_ID]: target.responseId,
        [names.ATTR_SCORE_SOURCE]: source,
        [names.ATTR_SCORE_ID]: id,
      },
    })
  } catch (error) {
    diag.warn('sightline: a score is left out', error)
  }
}

/** Makes a score that is sent again the same score. */
function newId(): string {
  const { crypto } = globalThis as { readonly crypto?: { readonly randomUUID?: () => string } }
  // Pages that did not come by https have no randomUUID.
  return crypto?.randomUUID?.() ?? `${Date.now()}-${Math.random()}`
}

/**
 * What a person thought of an answer.
 *
 * @example
 * const verdict: Verdict = 'up'
 */
export type Verdict = 'up' | 'down'

/**
 * Thumbs up or down from a user: the score named `feedback`.
 *
 * @example
 * feedback(spanId, 'down', { comment: 'The address is wrong' })
 *
 * @example
 * feedback({ responseId: completion.id }, 'up')
 */
export function feedback(
  target: string | ScoreTarget,
  verdict: Verdict,
  { comment }: { readonly comment?: string } = {},
): void {
  score({
    ...(typeof target === 'string' ? { spanId: target } : target),
    name: 'feedback',
    label: verdict,
    source: 'user',
    ...(comment === undefined ? {} : { comment }),
  })
}

const MAX_VALUE = 1e15
const MAX_NAME = 100
const MAX_LABEL = 200

/** What Sightline would refuse, told where it can still be put right. */
function faultOf(given: Score): string | undefined {
  const { name, value, label, source = 'code', id } = given
  if (!isText(name, MAX_NAME)) return `name must be a text of 1 to ${MAX_NAME} characters`
  if (value === undefined && label === undefined) return 'it needs a value or a label'
  if (value !== undefined && !(Math.abs(value) <= MAX_VALUE)) {
    return `value ${String(value)} is not between -1e15 and 1e15`
  }
  if (label !== undefined && !isText(label, MAX_LABEL)) {
    return `label must be a text of 1 to ${MAX_LABEL} characters`
  }
  if (id !== undefined && !isText(id, MAX_LABEL)) {
    return `id must be a text of 1 to ${MAX_LABEL} characters`
  }
  if (!SOURCES.has(source)) return `source "${source}" is none of user, judge, code`
  return faultOfTarget(given)
}

const SOURCES: ReadonlySet<string> = new Set<ScoreSource>(['user', 'judge', 'code'])

function faultOfTarget({ traceId, spanId }: ScoreTarget): string | undefined {
  if (traceId !== undefined && !isId(traceId, 32)) {
    return `traceId "${traceId}" is not 32 hex digits of a recorded trace`
  }
  if (spanId !== undefined && !isId(spanId, 16)) {
    return `spanId "${spanId}" is not 16 hex digits of a recorded span`
  }
  return undefined
}

function isText(value: unknown, maxLength: number): boolean {
  return typeof value === 'string' && value.length > 0 && value.length <= maxLength
}

function isId(value: unknown, length: number): boolean {
  return (
    typeof value === 'string' &&
    value.length === length &&
    /^[0-9a-f]*[1-9a-f][0-9a-f]*$/.test(value)
  )
}

function targetOf({ traceId, spanId, responseId }: ScoreTarget): ScoreTarget | undefined {
  if (traceId !== undefined || spanId !== undefined || responseId !== undefined) {
    return {
      ...(traceId === undefined ? {} : { traceId }),
      ...(spanId === undefined ? {} : { spanId }),
      ...(responseId === undefined ? {} : { responseId }),
    }
  }
  const active = activeSpanContext(activeContext())
  if (active === undefined || !isSpanContextValid(active)) return undefined
  return { traceId: active.traceId, spanId: active.spanId }
}
