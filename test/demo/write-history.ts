import { setImmediate as yieldToIo } from 'node:timers/promises'
import { SCHEMA_URL, SCOPE_NAME, SDK_VERSION } from '@sightline/sdk/attributes'
import { randomHex, randomStream } from '../simulator/random.ts'
import { effectAt } from '../simulator/scenario.ts'
import { encodeTraces } from './encode-traces.ts'
import { handleTicket } from './handle-ticket.ts'
import { appResource, CURRENT_RELEASE, PREVIOUS_RELEASE, RELEASE_AGE_MS } from './support-app.ts'
import { ticketSpans } from './ticket-spans.ts'
import type { FailureRates } from '../simulator/behaviour.ts'
import type { Incident } from '../simulator/scenario.ts'
import type { Conversations } from './conversations.ts'
import type { HandledTicket } from './handle-ticket.ts'
import type { KnowledgeBase } from './knowledge-base.ts'
import type { Poster } from './post-batches.ts'
import type { SpanRecord } from './span-record.ts'
import type { CallOutcome, Tally } from './tally.ts'
import type { Traffic } from './traffic.ts'

export type HistoryInput = {
  seed: number
  baseUrl: string
  failureRates: FailureRates
  knowledgeBase: KnowledgeBase
  traffic: Traffic
  conversations: Conversations
  incidents: readonly Incident[]
}

export type HistoryRange = { from: number; to: number }

const BATCH_SPANS = 250
const WINDOW_MS = 3_600_000

/** Sends what the application would have sent in `[from, to)`; what had not ended by `to` is left out. */
export async function writeHistory(
  input: HistoryInput,
  range: HistoryRange,
  { poster, tally, signal }: { poster: Poster; tally: Tally; signal: AbortSignal },
): Promise<void> {
  const releasedAt = range.to - RELEASE_AGE_MS
  const instance = randomHex(randomStream(input.seed, 'sdk-instance'), 32)
  let release = PREVIOUS_RELEASE
  let spans: SpanRecord[] = []

  async function flush(): Promise<void> {
    if (spans.length === 0) return
    const scope = { name: SCOPE_NAME, version: SDK_VERSION, schemaUrl: SCHEMA_URL }
    await poster.post(encodeTraces({ resource: appResource(release, instance), scope, spans }))
    spans = []
    // Encoding never waits, so the sockets get their turn here.
    await yieldToIo()
  }

  for (const handled of handledTickets(input, range)) {
    if (signal.aborted) break
    const newRelease = handled.ticket.at < releasedAt ? PREVIOUS_RELEASE : CURRENT_RELEASE
    if (newRelease !== release) {
      await flush()
      release = newRelease
    }
    const added = ticketSpans(handled, input)
    spans.push(...added)
    tally.add({
      isFailed: handled.text === undefined,
      calls: callOutcomes(handled),
      spans: added.length,
    })
    if (spans.length >= BATCH_SPANS) await flush()
  }
  await flush()
  await poster.drain()
}

/** The handled tickets of a range in order of time, without writing anything. */
export function* handledTickets(
  input: HistoryInput,
  { from, to }: HistoryRange,
): Generator<HandledTicket> {
  const { traffic, conversations, incidents, seed, failureRates, knowledgeBase } = input
  for (let start = from; start < to; start += WINDOW_MS) {
    for (const ticket of traffic.list(start, Math.min(start + WINDOW_MS, to))) {
      const handled = handleTicket(ticket, {
        seed,
        failureRates,
        knowledgeBase,
        effect: effectAt(incidents, ticket.at),
        earlier: conversations.earlier(ticket),
      })
      conversations.record(ticket, handled.text)
      if (ticket.at + handled.endMs <= to) yield handled
    }
  }
}

function callOutcomes({ plan, answer }: HandledTicket): CallOutcome[] {
  const calls = answer === undefined ? [plan] : [plan, answer]
  return calls.map(({ request, call, failure }) => ({
    model: request.model,
    usage: failure === undefined ? call.usage : undefined,
  }))
}
