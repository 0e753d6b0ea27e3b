import { describe, expect, test } from 'vitest'
import { USUAL_FAILURES } from '../simulator/behaviour.ts'
import { scenarioIncidents } from '../simulator/scenario.ts'
import { createConversations } from './conversations.ts'
import { createKnowledgeBase } from './knowledge-base.ts'
import { judgeLengths } from './length-drift.ts'
import { createTraffic } from './traffic.ts'
import { handledTickets } from './write-history.ts'
import type { Incident } from '../simulator/scenario.ts'
import type { Length } from './length-drift.ts'

const HOUR_MS = 3_600_000
const SEED = 11
const START = Date.UTC(2026, 2, 4, 9)
const END = START + 24 * HOUR_MS
const EVENT_START = END - HOUR_MS / 2

const traffic = createTraffic({ seed: SEED, requestsPerMinute: 20, origin: START })
const knowledgeBase = createKnowledgeBase(SEED)

type Lengths = { input: Length[]; output: Length[] }

const steady = lengthsOf({ from: START, to: END }, [])
const drifted = lengthsOf(
  { from: EVENT_START, to: END },
  scenarioIncidents('prompt-drift', { start: EVENT_START, end: END }),
)
const withEvent: Lengths = {
  input: [...steady.input.filter(isBeforeEvent), ...drifted.input],
  output: [...steady.output.filter(isBeforeEvent), ...drifted.output],
}

describe('what the lengths of the simulated traffic do', () => {
  test('24 h of steady traffic never shift, neither input nor output', () => {
    const instants = Array.from({ length: 139 }, (_, step) => START + HOUR_MS + step * 600_000)

    const shifted = instants.filter(
      (at) => judgeLengths(steady.input, at).isShifted || judgeLengths(steady.output, at).isShifted,
    )

    expect(shifted).toEqual([])
  })

  test('prompt-drift turns input length within ten minutes, from about 1,800 to 4,600 tokens', () => {
    const verdict = judgeLengths(withEvent.input, EVENT_START + 600_000)

    expect(verdict.isShifted).toBe(true)
    expect(verdict.medianFrom).toBeGreaterThan(1_700)
    expect(verdict.medianFrom).toBeLessThan(1_950)
    expect(verdict.medianTo).toBeGreaterThan(4_300)
    expect(verdict.medianTo).toBeLessThan(4_900)
  })

  test('prompt-drift leaves output length alone', () => {
    const verdicts = [10, 20, 30].map((minutes) =>
      judgeLengths(withEvent.output, EVENT_START + minutes * 60_000),
    )

    expect(verdicts.map(({ isShifted }) => isShifted)).toEqual([false, false, false])
    expect(Math.max(...verdicts.map(({ psi }) => psi))).toBeLessThan(0.05)
  })

  test('the same seed gives the same lengths', () => {
    const range = { from: START, to: START + HOUR_MS }

    expect(lengthsOf(range, [])).toEqual(lengthsOf(range, []))
  })
})

function lengthsOf(range: { from: number; to: number }, incidents: Incident[]): Lengths {
  const input: Length[] = []
  const output: Length[] = []
  const source = {
    seed: SEED,
    baseUrl: 'http://127.0.0.1/v1',
    failureRates: USUAL_FAILURES,
    knowledgeBase,
    traffic,
    conversations: createConversations(),
    incidents,
  }
  for (const { ticket, plan, answer } of handledTickets(source, range)) {
    for (const handled of [plan, answer]) {
      if (handled === undefined || handled.failure !== undefined) continue
      const at = ticket.at + handled.endMs
      input.push({ at, tokens: handled.call.usage.promptTokens })
      output.push({ at, tokens: handled.call.usage.completionTokens })
    }
  }
  return { input, output }
}

function isBeforeEvent({ at }: Length): boolean {
  return at < EVENT_START
}
