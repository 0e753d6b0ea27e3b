import { SpanStatusCode, diag } from '@opentelemetry/api'
import type { Attributes, HrTime } from '@opentelemetry/api'
import { Content } from './fields.ts'
import { ATTR_SAMPLE_PROBABILITY } from './semconv.ts'
import type { SpanRecord } from './span-record.ts'

/**
 * Which spans are sent. Failed ones always are, unless told otherwise.
 *
 * @example
 * init({ sample: 0.1, keepErrors: true, keepSlowerThanMs: 5_000 })
 */
export type SamplingOptions = {
  /**
   * The share of traces that is sent, from 0 to 1, or a function that tells it for each span by its
   * attributes (without content). 1 unless given.
   */
  readonly sample?: number | ((attributes: Attributes) => number)
  /** Spans that failed are always sent, and the spans around them that end later; `true` unless given. */
  readonly keepErrors?: boolean
  /** Spans that took longer are always sent, and the spans around them. */
  readonly keepSlowerThanMs?: number
}

/** Answers the record that is to be sent, with its probability, or undefined where it is left out. */
export type DecideSample = (record: SpanRecord) => SpanRecord | undefined

// Traces of which a span was kept for its own sake; what ends around it is kept as well.
const MAX_REMEMBERED = 1_000

/**
 * Decides about spans that have ended. By the trace's id, so that every span of a trace, in whatever
 * process, is decided alike. Undefined where everything is sent.
 */
export function createSampler(options: SamplingOptions): DecideSample | undefined {
  const { sample = 1, keepErrors = true, keepSlowerThanMs = Infinity } = options
  if (typeof sample === 'number' && !(sample < 1)) return undefined
  const remembered = new Set<string>()

  function isWorthKeeping(record: SpanRecord): boolean {
    if (remembered.has(record.traceId)) return true
    const isFailed = keepErrors && record.status.code === SpanStatusCode.ERROR
    if (!isFailed && durationMs(record.start, record.end) <= keepSlowerThanMs) return false
    remembered.add(record.traceId)
    for (const oldest of remembered) {
      if (remembered.size <= MAX_REMEMBERED) break
      remembered.delete(oldest)
    }
    return true
  }

  return (record) => {
    const share = typeof sample === 'number' ? sample : askShare(sample, record)
    if (share >= 1) return record
    if (isWorthKeeping(record)) return withProbability(record, 1)
    return isWithin(record.traceId, share) ? withProbability(record, share) : undefined
  }
}

/** A function that fails keeps everything: losing spans would be found out too late. */
function askShare(sample: (attributes: Attributes) => number, record: SpanRecord): number {
  try {
    const share = sample(withoutContent(record))
    if (typeof share === 'number' && !Number.isNaN(share)) return share
    diag.warn(`sightline: sample answered ${String(share)} instead of a number from 0 to 1`)
  } catch (error) {
    diag.warn('sightline: sample failed, the span is kept', error)
  }
  return 1
}

function withoutContent({ parts }: SpanRecord): Attributes {
  const attributes: Attributes = {}
  for (const part of parts) {
    for (const [key, value] of Object.entries(part)) {
      if (value !== undefined && !(value instanceof Content)) attributes[key] = value
    }
  }
  return attributes
}

/** The last 8 bytes of a trace id are random by W3C Trace Context. */
function isWithin(traceId: string, share: number): boolean {
  return Number.parseInt(traceId.slice(-16), 16) / 2 ** 64 < share
}

function withProbability(record: SpanRecord, probability: number): SpanRecord {
  return { ...record, parts: [...record.parts, { [ATTR_SAMPLE_PROBABILITY]: probability }] }
}

function durationMs(start: HrTime, end: HrTime): number {
  return (end[0] - start[0]) * 1_000 + (end[1] - start[1]) / 1e6
}
