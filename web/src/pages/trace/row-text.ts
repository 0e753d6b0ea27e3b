import { durationText, moneyCellText, moneyText } from '../../lib/format.ts'
import type { TraceNode } from './trace-node.ts'

/** What stands beside the name: the attempt, else the model, the tool or the agent. */
export function detailOf({ span, attempt, unattached }: TraceNode): string {
  const what = span.model ?? named(span.toolName, span.name) ?? named(span.agentName, span.name)
  const parts = [
    attempt === null ? null : `attempt ${attempt.number}/${attempt.of}`,
    what ?? (span.type === 'agent' || span.type === 'chain' ? span.type : null),
    unattached === 'parent-missing'
      ? `parent ${span.parentSpanId?.slice(0, 6) ?? ''}… not received`
      : null,
    unattached === 'cycle' ? 'its parents name each other' : null,
  ]
  return parts.filter((part) => part !== null).join(', ')
}

/** The end of the row: why it failed, else what it cost. */
export function noteOf({ span }: TraceNode): string {
  if (span.status === 'error') return errorText(span.error)
  return costText(span)
}

/** What a leaf call cost; containers repeat what their calls cost. */
export function costText({ cost, countsTokens }: TraceNode['span']): string {
  if (cost.totalUsd === null || !countsTokens) return ''
  return moneyCellText(cost.totalUsd)
}

/** The whole of what the end of the row says in short. */
export function noteTitle({ span }: TraceNode): string | undefined {
  if (span.status === 'error') return span.error?.message ?? undefined
  return span.cost.totalUsd === null ? undefined : moneyText(span.cost.totalUsd)
}

export function skewText(skewMs: number): string {
  return `clock skew ${durationText(skewMs)} corrected`
}

function errorText(error: TraceNode['span']['error']): string {
  return error?.type ?? error?.statusCode?.toString() ?? error?.message ?? 'error'
}

function named(value: string | null, name: string): string | null {
  return value === null || name.includes(value) ? null : value
}
