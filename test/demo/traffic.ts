import { LANGUAGE_PACKS } from '../simulator/content/packs.ts'
import { supportPrompts } from '../simulator/prompts.ts'
import { fnv1a, hex32, randomStream } from '../simulator/random.ts'
import type { SupportPrompt } from '../simulator/prompts.ts'
import type { Random } from '../simulator/random.ts'
import type { Ticket } from './ticket.ts'

export type TrafficOptions = {
  seed: number
  requestsPerMinute: number
  /** Minute 0 of the traffic; the same seed gives the same sessions from here on, whatever the date. */
  origin: number
}

export type Traffic = {
  /** Tickets with `from <= at < to`, in order of time. */
  list(from: number, to: number): Ticket[]
}

const MINUTE_MS = 60_000
const MAX_TURNS = 4
const CONTINUE_PROBABILITY = 0.5
const MEAN_TURNS = meanTurns()
const MIN_GAP_MS = 30_000
const MAX_GAP_MS = 300_000
const LONGEST_SESSION_MINUTES = Math.ceil(((MAX_TURNS - 1) * MAX_GAP_MS) / MINUTE_MS) + 1
const DAILY_SWING = 0.25
const BUSIEST_HOUR_UTC = 15
const USERS = 400
const TOOL_FAILURE_RATE = 0.012
const RETRIEVE_MEDIAN_MS = 28
const TOOL_MEDIAN_MS = 95

const LANGUAGE_SHARES = [0.5, 0.8, 1]
const MODEL_SHARES: readonly [model: string, upTo: number][] = [
  ['gpt-5-mini', 0.5],
  ['gpt-4.1-mini', 0.8],
  ['gpt-4o-mini', 1],
]

/**
 * Sessions begin as a Poisson process with a gentle daily swing. All draws of a minute come from a
 * stream of its own, so a range of time can be made without the time before it.
 */
export function createTraffic(options: TrafficOptions): Traffic {
  const promptsByLanguage = Map.groupBy(supportPrompts(options.seed), (prompt) => prompt.language)

  function list(from: number, to: number): Ticket[] {
    const first = Math.floor((from - options.origin) / MINUTE_MS) - LONGEST_SESSION_MINUTES
    const last = Math.ceil((to - options.origin) / MINUTE_MS)
    const tickets: Ticket[] = []
    for (let minute = first; minute < last; minute++) {
      for (const ticket of ticketsStartedIn(minute)) {
        if (ticket.at >= from && ticket.at < to) tickets.push(ticket)
      }
    }
    return tickets.sort((a, b) => a.at - b.at)
  }

  function ticketsStartedIn(minute: number): Ticket[] {
    const startAt = options.origin + minute * MINUTE_MS
    const random = randomStream(options.seed, `session.${minute}`)
    const mean = (options.requestsPerMinute / MEAN_TURNS) * dailyShape(startAt)
    const sessions = random.poisson(mean)
    return Array.from({ length: sessions }, (_, number) => {
      const name = `${minute}.${number}`
      return sessionTickets(name, startAt, randomStream(options.seed, `session.${name}`))
    }).flat()
  }

  function sessionTickets(name: string, minuteStart: number, random: Random): Ticket[] {
    const pack = LANGUAGE_PACKS[shareIndex(LANGUAGE_SHARES, random.uniform())] ?? LANGUAGE_PACKS[0]
    const prompts = promptsByLanguage.get(pack?.language ?? 'en') ?? []
    const first = random.pick(prompts)
    const related = prompts.filter((prompt) => prompt.topic === first.topic)
    const model = modelFor(random.uniform())
    const userId = `user-${1_000 + random.integer(USERS)}`
    const turns = turnCount(random)
    const sessionId = `chat-${hex32(fnv1a(name))}`
    let at = minuteStart + random.integer(MINUTE_MS)
    return Array.from({ length: turns }, (_, turn) => {
      if (turn > 0) at += gapMs(random)
      return {
        id: `${name}.${turn}`,
        at,
        sessionId,
        userId,
        turn,
        isLastTurn: turn === turns - 1,
        model,
        ...promptFields(turn === 0 ? first : random.pick(related)),
        retrieveMs: random.logNormal(RETRIEVE_MEDIAN_MS, 0.4),
        toolMs: random.logNormal(TOOL_MEDIAN_MS, 0.5),
        toolFails: random.uniform() < TOOL_FAILURE_RATE,
      }
    })
  }

  return { list }
}

function promptFields({ language, topic, text }: SupportPrompt) {
  return { language, topic, question: text }
}

/** Averages 1 over a day. */
function dailyShape(at: number): number {
  const hour = (at / 3_600_000) % 24
  return 1 + DAILY_SWING * Math.cos((2 * Math.PI * (hour - BUSIEST_HOUR_UTC)) / 24)
}

function turnCount(random: Random): number {
  let turns = 1
  // Drawn to the end, so that the number of draws does not depend on the count.
  let goesOn = true
  for (let turn = 1; turn < MAX_TURNS; turn++) {
    goesOn = random.uniform() < CONTINUE_PROBABILITY && goesOn
    if (goesOn) turns += 1
  }
  return turns
}

function meanTurns(): number {
  let mean = 1
  for (let turn = 1; turn < MAX_TURNS; turn++) mean += CONTINUE_PROBABILITY ** turn
  return mean
}

function gapMs(random: Random): number {
  return Math.round(Math.min(MIN_GAP_MS + random.logNormal(45_000, 0.6), MAX_GAP_MS))
}

function modelFor(draw: number): string {
  return MODEL_SHARES.find(([, upTo]) => draw < upTo)?.[0] ?? 'gpt-5-mini'
}

function shareIndex(shares: readonly number[], draw: number): number {
  return shares.findIndex((upTo) => draw < upTo)
}
