import { setTimeout as sleep } from 'node:timers/promises'
import { effectAt } from '../simulator/scenario.ts'
import { answerTicket } from './answer-ticket.ts'
import type { Incident } from '../simulator/scenario.ts'
import type { Desk } from './answer-ticket.ts'
import type { Conversations } from './conversations.ts'
import type { Tally } from './tally.ts'
import type { Ticket } from './ticket.ts'
import type { Traffic } from './traffic.ts'

export type LiveInput = {
  desk: Desk
  traffic: Traffic
  conversations: Conversations
  /** The incidents known at an instant. */
  incidentsAt: (at: number) => readonly Incident[]
  now: () => number
}

const WINDOW_MS = 10_000
/** Beyond this the provider hangs; further tickets wait for a free place. */
const MAX_IN_FLIGHT = 200
const LONGEST_TICKET_MS = 40_000

/** Lets customers arrive in real time in `[from, to)`, then waits for the answers under way. */
export async function runLive(
  input: LiveInput,
  { from, to }: { from: number; to: number },
  { tally, signal }: { tally: Tally; signal: AbortSignal },
): Promise<void> {
  const inFlight = new Set<Promise<void>>()

  async function answer(ticket: Ticket): Promise<void> {
    const { desk, conversations, incidentsAt } = input
    const answered = await answerTicket(desk, ticket, {
      effect: effectAt(incidentsAt(ticket.at), ticket.at),
      earlier: conversations.earlier(ticket),
    })
    conversations.record(ticket, answered.text)
    tally.add(answered)
  }

  for (let start = from; start < to && !signal.aborted; start += WINDOW_MS) {
    const end = Math.min(start + WINDOW_MS, to)
    for (const ticket of input.traffic.list(start, end)) {
      await waitUntil(ticket.at)
      if (signal.aborted) break
      while (inFlight.size >= MAX_IN_FLIGHT) await Promise.race(inFlight)
      const answering: Promise<void> = answer(ticket).finally(() => inFlight.delete(answering))
      inFlight.add(answering)
    }
    await waitUntil(end)
  }
  await Promise.race([Promise.all(inFlight), pause(LONGEST_TICKET_MS)])

  async function waitUntil(at: number): Promise<void> {
    await pause(at - input.now())
  }
  async function pause(ms: number): Promise<void> {
    if (ms <= 0 || signal.aborted) return
    // Only an abort ends a pause early, and the callers look at the signal.
    await sleep(ms, undefined, { signal, ref: true }).catch(() => undefined)
  }
}
