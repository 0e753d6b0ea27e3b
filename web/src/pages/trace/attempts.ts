import type { TraceNode } from './trace-node.ts'

/**
 * Numbers tries of the same thing: siblings of one name of which the earlier failed and ended
 * before the next began.
 */
export function markAttempts(siblings: readonly TraceNode[]): void {
  const open = new Map<string, TraceNode[]>()
  for (const node of siblings) {
    const { name } = node.span
    const tries = open.get(name) ?? []
    const last = tries.at(-1)
    const isNext =
      last !== undefined &&
      last.span.status === 'error' &&
      last.startMs + last.durationMs <= node.startMs
    if (!isNext) {
      settle(tries)
      open.set(name, [node])
    } else tries.push(node)
  }
  for (const tries of open.values()) settle(tries)
}

function settle(tries: readonly TraceNode[]): void {
  if (tries.length < 2) return
  for (const [index, node] of tries.entries()) {
    node.attempt = { number: index + 1, of: tries.length }
  }
}
