import type { TraceNode } from './trace-node.ts'

type Frame = {
  node: TraceNode | null
  fromMs: number
  /** What lies between here and the end of the frame is settled. */
  cursorMs: number
  children: readonly TraceNode[]
  next: number
}

/**
 * From the end backwards, time belongs to the child that ended last before it, and to the span
 * itself where no child ran: the parts add up to the trace's duration. Other tops than the one
 * root count as its children, as the server has it.
 */
export function markCriticalPath(
  tops: readonly TraceNode[],
  { isOneRoot, lengthMs }: { isOneRoot: boolean; lengthMs: number },
): void {
  const root = isOneRoot ? tops[0] : undefined
  const first: Frame =
    root === undefined
      ? frameOf(null, tops, { fromMs: 0, toMs: lengthMs })
      : frameOf(root, [...root.children, ...tops.slice(1)], {
          fromMs: root.startMs,
          toMs: root.startMs + root.durationMs,
        })
  const stack = [first]
  for (let frame = stack.at(-1); frame !== undefined; frame = stack.at(-1)) {
    const child = frame.children[frame.next]
    frame.next += 1
    if (child === undefined) {
      addOwn(frame.node, frame.fromMs, frame.cursorMs)
      stack.pop()
      continue
    }
    const fromMs = Math.max(child.startMs, frame.fromMs)
    const toMs = Math.min(child.startMs + child.durationMs, frame.cursorMs)
    if (fromMs >= toMs) continue
    addOwn(frame.node, toMs, frame.cursorMs)
    frame.cursorMs = fromMs
    stack.push(frameOf(child, child.children, { fromMs, toMs }))
  }
}

function frameOf(
  node: TraceNode | null,
  children: readonly TraceNode[],
  { fromMs, toMs }: { fromMs: number; toMs: number },
): Frame {
  return { node, fromMs, cursorMs: toMs, children: children.toSorted(byEndLastFirst), next: 0 }
}

function byEndLastFirst(a: TraceNode, b: TraceNode): number {
  return b.startMs + b.durationMs - (a.startMs + a.durationMs) || b.startMs - a.startMs
}

function addOwn(node: TraceNode | null, fromMs: number, toMs: number): void {
  if (node !== null && toMs > fromMs) node.path.push([fromMs, toMs])
}
