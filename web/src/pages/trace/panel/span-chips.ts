import type { Span, SpanSummary } from '@sightline/server/contract'
import { countText, durationText, formatFixed, moneyText } from '../../../lib/format.ts'
import { tokensPerSecond } from '../trace-facts.ts'

export type Chip = { label: string; value: string }

/** What is known of the span in short; what was not sent is left out. `whole` comes later. */
export function chipsOf(span: SpanSummary, whole: Span | undefined): Chip[] {
  const chips: [string, string | null][] = [
    ['total', textOf(span.durationMs, durationText)],
    ['first token', textOf(span.ttftMs, durationText)],
    ['speed', textOf(tokensPerSecond(span), (speed) => `${formatFixed(speed, 0)} tok/s`)],
    ['in', textOf(span.inputTokens, countText)],
    ['cached', textOf(positive(span.cacheReadTokens), countText)],
    ['cache write', textOf(positive(span.cacheWriteTokens), countText)],
    ['out', textOf(span.outputTokens, countText)],
    ['reasoning', textOf(positive(span.reasoningTokens), countText)],
    ['cost', costText(span.cost)],
    ['finish', span.finishReasons.length === 0 ? null : span.finishReasons.join(', ')],
    ['temp', textOf(whole?.temperature ?? null, String)],
    ['max', textOf(whole?.maxTokens ?? null, countText)],
  ]
  return chips.flatMap(([label, value]) => (value === null ? [] : [{ label, value }]))
}

function textOf(value: number | null, text: (value: number) => string): string | null {
  return value === null ? null : text(value)
}

function positive(value: number | null): number | null {
  return value === 0 ? null : value
}

/** No price is said with its reason, where a price was to be expected. */
function costText({ totalUsd, reason }: SpanSummary['cost']): string | null {
  if (totalUsd !== null) return moneyText(totalUsd)
  if (reason === null || reason === 'not_a_model_call') return null
  return `none, ${reason.replaceAll('_', ' ')}`
}
