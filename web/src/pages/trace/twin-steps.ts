import type { TraceModel, TraceNode } from './trace-node.ts'

export type StepPair = {
  key: string
  here: TraceNode | null
  there: TraceNode | null
  /** Positive: this trace took longer. */
  byMs: number
}

/**
 * The steps of two traces side by side: matched by name, kind and place below matched parents, the
 * n-th of a name with the n-th. What one has alone is set against nothing.
 */
export function matchedSteps(here: TraceModel, there: TraceModel): StepPair[] {
  const pairs: StepPair[] = []
  const others = new Map<string, TraceNode>()
  for (const [key, node] of keyed(there)) others.set(key, node)
  for (const [key, node] of keyed(here)) {
    const other = others.get(key) ?? null
    others.delete(key)
    pairs.push({ key, here: node, there: other, byMs: node.durationMs - (other?.durationMs ?? 0) })
  }
  for (const [key, node] of others) {
    pairs.push({ key, here: null, there: node, byMs: -node.durationMs })
  }
  return pairs
}

/** Steps that differ most first; those of containers are the sum of what is in them. */
export function byDifference(pairs: readonly StepPair[]): StepPair[] {
  return pairs.toSorted((a, b) => Math.abs(b.byMs) - Math.abs(a.byMs))
}

/** Failed attempts are told apart, so that the try that worked meets the one that worked. */
function keyed({ nodes }: TraceModel): [key: string, node: TraceNode][] {
  const keys = new Map<TraceNode, string>()
  const counts = new Map<string, number>()
  return nodes.map((node) => {
    const { span, parent } = node
    const above = parent === null ? '' : (keys.get(parent) ?? '')
    const failed = span.status === 'error' && node.attempt !== null ? ' failed' : ''
    const base = `${above}/${span.type} ${span.name}${failed}`
    const count = (counts.get(base) ?? 0) + 1
    counts.set(base, count)
    const key = `${base}#${count}`
    keys.set(node, key)
    return [key, node]
  })
}
