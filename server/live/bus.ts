import { EventEmitter } from 'node:events'
import type { Incident, RuleGroupState } from '../contract/index.ts'
import type { SpanRecord } from '../spans/span.ts'

/** What slices tell each other after a commit. A second process will swap in LISTEN/NOTIFY here. */
export type BusEvents = {
  'spans-stored': { projectId: string; spans: SpanRecord[]; storedAtMs: number }
  /** Stored spans that were changed, as a later one or a log told more of them. */
  'spans-amended': { projectId: string; spans: Pick<SpanRecord, 'traceId' | 'endUs'>[] }
  'incident-changed': { projectId: string; incident: Incident }
  /** A message was tried, so the channel's status may have changed. */
  'channel-tried': { projectId: string; channelId: string }
  'rule-evaluated': { projectId: string; ruleId: string; groups: RuleGroupState[] }
}

export type Bus = {
  publish<K extends keyof BusEvents>(event: K, payload: BusEvents[K]): void
  /** Returns the function that ends the subscription. */
  subscribe<K extends keyof BusEvents>(
    event: K,
    listener: (payload: BusEvents[K]) => void,
  ): () => void
}

export function createBus(): Bus {
  const emitter = new EventEmitter()
  emitter.setMaxListeners(0)
  return {
    publish: (event, payload) => void emitter.emit(event, payload),
    subscribe(event, listener) {
      emitter.on(event, listener)
      return () => void emitter.off(event, listener)
    },
  }
}
