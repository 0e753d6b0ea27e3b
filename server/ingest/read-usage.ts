import { findImpossible, isPossibleCount } from '../enrich/impossible-usage.ts'
import type { TokenUsage } from '../spans/span.ts'
import { countingOf } from './counting.ts'
import { USAGE_FIELDS, type UsageField } from './dialects/dialect.ts'
import type { SpanView } from './span-view.ts'

type Counts = Record<UsageField, number | null>

/** Counts by OTel's definition. Impossible ones are null, told, and never priced. */
export function readUsage(
  view: SpanView,
  warn: (text: string) => void,
): { usage: TokenUsage; isImplausible: boolean } {
  const { counts, isImplausible } = readCounts(view, warn)
  const usage = inclusiveUsage(view, counts)
  const impossible = findImpossible(usage)
  if (impossible === null) return { usage, isImplausible }
  warn(`implausible usage: ${impossible.message}`)
  for (const name of impossible.counts) usage[name] = null
  return { usage, isImplausible: true }
}

function inclusiveUsage(view: SpanView, counts: Counts): TokenUsage {
  return {
    input: inclusiveInput(view, counts),
    output: inclusiveOutput(view, counts),
    cacheRead: counts.cacheReadTokens,
    cacheWrite: counts.cacheWriteTokens,
    cacheWrite1h: counts.cacheWrite1hTokens,
    reasoning: counts.reasoningTokens,
    audioInput: counts.audioInputTokens,
    audioOutput: counts.audioOutputTokens,
    imageInput: counts.imageInputTokens,
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
    cacheWrite1hTokens: null,
    reasoningTokens: null,
    audioInputTokens: null,
    audioOutputTokens: null,
    imageInputTokens: null,
  }
  let isImplausible = false
  for (const field of USAGE_FIELDS) {
    // Mostly deep in JSON: not looked for where nothing was written.
    if (field === 'cacheWrite1hTokens' && (counts.cacheWriteTokens ?? 0) === 0) continue
    const sent = view.number(field)
    if (sent === null) continue
    if (sent !== undefined && isPossibleCount(sent)) counts[field] = Math.round(sent)
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
  const isExclusive = cached > inputTokens || countingOf(view).cache === 'exclusive'
  if (!isExclusive) return inputTokens
  view.trace?.('inputTokens', { key: '', note: 'cache added: the sender counts without it' })
  return inputTokens + cached
}

function inclusiveOutput(view: SpanView, counts: Counts): number | null {
  const { inputTokens, outputTokens, totalTokens, reasoningTokens } = counts
  if (outputTokens === null || reasoningTokens === null || reasoningTokens === 0)
    return outputTokens
  const isExclusive =
    (reasoningTokens > outputTokens && totalTokens !== (inputTokens ?? 0) + outputTokens) ||
    totalTokens === (inputTokens ?? 0) + outputTokens + reasoningTokens ||
    countingOf(view).reasoning === 'exclusive'
  if (!isExclusive) return outputTokens
  view.trace?.('outputTokens', { key: '', note: 'reasoning added: the sender counts without it' })
  return outputTokens + reasoningTokens
}
