import { kindOf } from './span-kind.ts'
import type { TraceModel, TraceNode } from './trace-node.ts'

const haystacks = new WeakMap<TraceNode, string>()

/** Spans that hold every word of the text in what their rows can show, in the order of rows. */
export function findSpans({ nodes }: TraceModel, text: string): TraceNode[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean)
  if (words.length === 0) return []
  return nodes.filter((node) => {
    const haystack = haystackOf(node)
    return words.every((word) => haystack.includes(word))
  })
}

function haystackOf(node: TraceNode): string {
  const known = haystacks.get(node)
  if (known !== undefined) return known
  const { span } = node
  const made = [
    span.name,
    kindOf(span.type).label,
    span.type,
    span.model,
    span.provider,
    span.operation,
    span.toolName,
    span.agentName,
    span.promptName,
    span.service,
    span.status,
    span.error?.type,
    span.error?.message,
    span.error?.statusCode,
    span.spanId,
    ...span.finishReasons,
    ...span.tags,
  ]
    .filter((part) => part !== null && part !== undefined)
    .join('\n')
    .toLowerCase()
  haystacks.set(node, made)
  return made
}
