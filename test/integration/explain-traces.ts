import type { SpanRecord } from '../../server/spans/span.ts'
import { spanRecord, stepRecord } from '../support/span-factory.ts'

/** What one ticket's trace is made of; times in ms. */
export type Ticket = {
  startMs: number
  retrieveMs: number
  planMs: number
  toolMs: number
  answerMs: number
  model: string
  release: string
  user: string
  failed: 'tool' | 'answer' | null
}

/** The same numbers for the same seed (mulberry32). */
export function seededRandom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }
}

/** Tickets spread over a period, their steps as long as usual: skewed, with a long tail. */
export function tickets(
  period: { fromMs: number; toMs: number; count: number; seed: number },
  change: (ticket: Ticket, random: () => number) => void = () => undefined,
): Ticket[] {
  const random = seededRandom(period.seed)
  const skewed = (median: number, spread: number) => {
    const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
    return median * Math.exp(spread * normal)
  }
  return Array.from({ length: period.count }, (_, i) => {
    const ticket: Ticket = {
      startMs: period.fromMs + ((period.toMs - period.fromMs) * i) / period.count,
      retrieveMs: skewed(60, 0.4),
      planMs: skewed(900, 0.5),
      toolMs: skewed(250, 0.5),
      answerMs: skewed(1_800, 0.5),
      model: random() < 0.6 ? 'gpt-5-mini' : 'claude-haiku-4-5',
      release: random() < 0.5 ? '1.8.0' : '1.9.0',
      user: `user-${Math.floor(random() * 40)}`,
      failed: random() < 0.02 ? 'answer' : null,
    }
    change(ticket, random)
    return ticket
  })
}

/** agent → retriever, llm, tool search_kb, llm, one after the other. */
export function spansOf(ticket: Ticket): SpanRecord[] {
  const { model, release, user, failed } = ticket
  const common = { release, environment: 'production', userId: user }
  let atMs = ticket.startMs + 2
  const take = (ms: number) => {
    const startUs = Math.round(atMs * 1_000)
    const durationUs = Math.round(ms * 1_000)
    atMs += ms + 1
    return { startUs, durationUs }
  }
  const call = { ...common, model, requestModel: model, name: `chat ${model}` }
  const failure = { status: 'error', errorType: 'timeout' } as const
  const steps = [
    stepRecord({ ...common, ...take(ticket.retrieveMs), name: 'retrieve', type: 'retriever' }),
    spanRecord({ ...call, ...take(ticket.planMs), ttftUs: 200_000, costNanoUsd: 40_000 }),
    stepRecord({
      ...common,
      ...take(ticket.toolMs),
      name: 'execute_tool search_kb',
      type: 'tool',
      toolName: 'search_kb',
      ...(failed === 'tool' ? failure : {}),
    }),
    spanRecord({
      ...call,
      ...take(ticket.answerMs),
      ttftUs: 300_000,
      costNanoUsd: 90_000,
      ...(failed === 'answer' ? failure : {}),
    }),
  ]
  const startUs = Math.round(ticket.startMs * 1_000)
  const root = stepRecord({
    ...common,
    startUs,
    durationUs: Math.round(atMs * 1_000) - startUs,
    name: 'answer_ticket',
    type: 'agent',
    ...(failed === null ? {} : failure),
  })
  return [
    root,
    ...steps.map((step) => ({ ...step, traceId: root.traceId, parentSpanId: root.spanId })),
  ]
}
