import type { SpanSummary } from '@sightline/server/contract'

export type TraceNode = {
  span: SpanSummary
  parent: TraceNode | null
  children: TraceNode[]
  depth: number
  /** Place among its siblings, from 1, and how many they are. */
  position: number
  siblings: number
  /** Index in the order of rows, and the index after its last descendant. */
  index: number
  nextIndex: number
  startMs: number
  durationMs: number
  /** How much later it is drawn than its own clock says, because it cannot begin before its parent. */
  skewMs: number
  /** Why it hangs on no parent although it names one. */
  unattached: 'parent-missing' | 'cycle' | null
  attempt: { number: number; of: number } | null
  /** The parts of the critical path that are its own, last first. */
  path: [fromMs: number, toMs: number][]
}

export type TraceModel = {
  /** All spans in the order of rows; unattached ones last. */
  nodes: TraceNode[]
  byId: ReadonlyMap<string, TraceNode>
  root: TraceNode | null
  roots: TraceNode[]
  unattached: TraceNode[]
  /** Epoch ms of offset 0. */
  startTime: number
  endTime: number
  lengthMs: number
  errorCount: number
  maxSkewMs: number
}
