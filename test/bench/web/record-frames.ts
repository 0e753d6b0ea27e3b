import type { Page } from 'playwright-core'
import type { LiveUpdate, MetricResult } from '../../../server/contract/index.ts'

/** One metric subscription as the server sent it: updates follow the snapshot without a gap. */
export type FrameRecord = { seq: number; snapshot: MetricResult[]; updates: LiveUpdate[] }

type Ack = { ok: boolean; seq?: number; snapshot?: MetricResult[] }

const SENT = /^42\/live,(\d+)(\["subscribe",.*\])$/s
const ACK = /^43\/live,(\d+)(\[.*\])$/s
const EVENT = /^42\/live,(\["update",.*\])$/s

/** Notes what goes over the page's socket from now on; gives the subscription told most about. */
export function recordFrames(page: Page): () => FrameRecord {
  const idByAck = new Map<string, string>()
  const records = new Map<string, FrameRecord>()
  page.on('websocket', (socket) => {
    socket.on('framesent', ({ payload }) => {
      const [, ackNumber = '', body = ''] = SENT.exec(payload.toString()) ?? []
      if (body === '') return
      const [, { id }] = JSON.parse(body) as [string, { id: string }]
      idByAck.set(ackNumber, id)
    })
    socket.on('framereceived', ({ payload }) => {
      const text = payload.toString()
      const [, ackNumber = '', answer = ''] = ACK.exec(text) ?? []
      const id = idByAck.get(ackNumber)
      if (id !== undefined && answer !== '') noteAck(records, id, JSON.parse(answer) as [Ack])
      const event = EVENT.exec(text)?.[1]
      if (event !== undefined) noteUpdate(records, JSON.parse(event) as [string, LiveUpdate])
    })
  })
  return () => {
    const [longest] = [...records.values()].toSorted((a, b) => b.updates.length - a.updates.length)
    if (longest === undefined) throw new Error('the page subscribed to no metrics')
    return longest
  }
}

function noteAck(records: Map<string, FrameRecord>, id: string, [ack]: [Ack]): void {
  const { seq, snapshot } = ack
  if (seq === undefined || snapshot === undefined) return
  records.set(id, { seq, snapshot, updates: [] })
}

function noteUpdate(records: Map<string, FrameRecord>, [, update]: [string, LiveUpdate]): void {
  const record = records.get(update.id)
  if (record !== undefined && update.seq === record.seq + record.updates.length + 1) {
    record.updates.push(update)
  }
}
