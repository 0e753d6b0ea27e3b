import type { TokenUsage } from '../spans/span.ts'
import { countingOf } from './counting.ts'
import type { FieldName } from './dialects/dialect.ts'
import type { SpanView } from './span-view.ts'

const MAX_TOKENS = 1e9

type Counts = Record<UsageField, number | null>

const USAGE_FIELDS = [
  'inputTokens',
  'outputTokens',
  'totalTokens',
  'cacheReadTokens',
  'cacheWriteTokens',
  'reasoningTokens',
  'audioInputTokens',
  'audioOutputTokens',
  'imageInputTokens',
] as const satisfies readonly FieldName[]
type UsageField = (typeof USAGE_FIELDS)[number]

/** Counts by OTel's definition. Impossible ones are null, told, and never priced. */
export function readUsage(
  view: SpanView,
  warn: (text: string) => void,
): { usage: TokenUsage; isImplausible: boolean } {
  const { counts, isImplausible } = readCounts(view, warn)
  return {
    usage: {
      input: inclusiveInput(view, counts),
      output: inclusiveOutput(view, counts),
      cacheRead: counts.cacheReadTokens,
      cacheWrite: counts.cacheWriteTokens,
      reasoning: counts.reasoningTokens,
      audioInput: counts.audioInputTokens,
      audioOutput: counts.audioOutputTokens,
      imageInput: counts.imageInputTokens,
    },
    isImplausible,
  }
}

function readCounts(
  view: SpanView,
  warn: (text: string) => void,
): { counts: Counts; isImplausible: boolean } {
  const counts: Counts = {
    inputTokens: null,
    outputTokens: null,
    totalTokens: null,
    cacheReadTokens: null,
    cacheWriteTokens: null,
    reasoningTokens: null,
    audioInputTokens: null,
    audioOutputTokens: null,
    imageInputTokens: null,
  }
  let isImplausible = false
  for (const field of USAGE_FIELDS) {
    const sent = view.number(field)
    if (sent === null) continue
    if (sent !== undefined && sent >= 0 && sent <= MAX_TOKENS) counts[field] = Math.round(sent)
    else {
      isImplausible = true
      warn(`implausible usage: ${field} is ${sent === undefined ? 'no number' : sent}`)
    }
  }
  return { counts, isImplausible }
}

/** More cache than input can only mean that input leaves it out, whatever the sender's rule. */
function inclusiveInput(view: SpanView, counts: Counts): number | null {
  const { inputTokens } = counts
  const cached = (counts.cacheReadTokens ?? 0) + (counts.cacheWriteTokens ?? 0)
  if (inputTokens === null || cached === 0) return inputTokens
  const isExclusive =
    cached > inputTokens || countingOf(view.span.group.scope).cache === 'exclusive'
  return isExclusive ? inputTokens + cached : inputTokens
}

function inclusiveOutput(view: SpanView, counts: Counts): number | null {
  const { inputTokens, outputTokens, totalTokens, reasoningTokens } = counts
  if (outputTokens === null || reasoningTokens === null || reasoningTokens === 0)
    return outputTokens
  const isExclusive =
    reasoningTokens > outputTokens ||
    totalTokens === (inputTokens ?? 0) + outputTokens + reasoningTokens ||
    countingOf(view.span.group.scope).reasoning === 'exclusive'
  return isExclusive ? outputTokens + reasoningTokens : outputTokens
}
