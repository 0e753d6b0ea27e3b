import { init, shutdown, wrap } from '@sightline/sdk'
import OpenAI from 'openai'
import { USUAL_FAILURES } from '../simulator/behaviour.ts'
import { demoIncidents, effectAt, scenarioIncidents } from '../simulator/scenario.ts'
import { startSimulator } from '../simulator/start-simulator.ts'
import { CLIENT_TIMEOUT_MS } from './call-failure.ts'
import { createConversations } from './conversations.ts'
import { createKnowledgeBase } from './knowledge-base.ts'
import { createPoster } from './post-batches.ts'
import { runLive } from './run-live.ts'
import { CURRENT_RELEASE, ENVIRONMENT, SERVICE } from './support-app.ts'
import { createTally } from './tally.ts'
import { createTraffic } from './traffic.ts'
import { writeHistory } from './write-history.ts'
import type { FailureRates } from '../simulator/behaviour.ts'
import type { Incident, Scenario } from '../simulator/scenario.ts'
import type { Simulator } from '../simulator/start-simulator.ts'
import type { HistoryInput } from './write-history.ts'
import type { DemoOptions } from './parse-options.ts'
import type { Tally, Totals } from './tally.ts'

export type DemoSummary = Totals & {
  scenario: Scenario
  seed: number
  /** Epoch ms; everything sent began in `[start, end)`. */
  start: number
  end: number
  clockOffsetMs: number
  /** False when it was stopped before its time. */
  isComplete: boolean
  incidents: Incident[]
}

export type DemoHooks = {
  signal: AbortSignal
  log: (line: string) => void
  /** Overrides for tests. */
  failureRates?: FailureRates
  speed?: number
}

const SHUTDOWN_TIMEOUT_MS = 3_000

/** Sends history, then live traffic, as the options say; resolves with what was sent. */
export async function runDemo(options: DemoOptions, hooks: DemoHooks): Promise<DemoSummary> {
  const now = () => Date.now() + options.clockOffsetMs
  const startedAt = now()
  const start = startedAt - options.backfillMs
  const origin = Math.floor(start / 60_000) * 60_000
  const scripted = scriptedIncidents(options, startedAt)
  const incidentsAt = (at: number) =>
    options.hasIncidents
      ? [...scripted, ...demoIncidents(startedAt, { from: at - 600_000, to: at + 1 })]
      : scripted
  const tally = createTally()

  await using simulator = await startSimulator({
    seed: options.seed,
    speed: hooks.speed ?? 1,
    failureRates: hooks.failureRates ?? USUAL_FAILURES,
    ttftFactor: () => effectAt(incidentsAt(now()), now()).ttftFactor,
  })
  const input = toInput(options, hooks, { baseUrl: `${simulator.url}/v1`, origin, scripted })
  const liveFrom =
    options.backfillMs > 0
      ? await backfill(input, { start, startedAt, now }, { options, hooks, tally })
      : startedAt
  const liveTo = liveFrom + options.liveMs
  if (options.liveMs > 0) {
    const logging = logIncidents(incidentsAt, now, hooks)
    await goLive(
      input,
      { from: liveFrom, to: liveTo, now, incidentsAt },
      { options, hooks, tally, simulator },
    )
    logging.stop()
  }
  const end = options.liveMs > 0 ? Math.min(now(), liveTo) : startedAt
  return {
    scenario: options.scenario,
    seed: options.seed,
    start,
    end,
    clockOffsetMs: options.clockOffsetMs,
    isComplete: !hooks.signal.aborted,
    ...tally.totals(),
    incidents: labelsUpTo(
      [
        ...scripted,
        ...(options.hasIncidents ? demoIncidents(startedAt, { from: startedAt, to: end }) : []),
      ],
      end,
    ),
  }
}

function toInput(
  { seed, requestsPerMinute }: DemoOptions,
  { failureRates = USUAL_FAILURES }: DemoHooks,
  run: { baseUrl: string; origin: number; scripted: readonly Incident[] },
): HistoryInput {
  return {
    seed,
    baseUrl: run.baseUrl,
    failureRates,
    knowledgeBase: createKnowledgeBase(seed),
    traffic: createTraffic({ seed, requestsPerMinute, origin: run.origin }),
    conversations: createConversations(),
    incidents: run.scripted,
  }
}

type Running = { options: DemoOptions; hooks: DemoHooks; tally: Tally }

/** The scenario's event lasts until the run ends, whenever that is; of endless traffic only history has it. */
function scriptedIncidents(options: DemoOptions, startedAt: number): Incident[] {
  const isEndless = !Number.isFinite(options.liveMs)
  const expectedEnd = startedAt + (isEndless ? 0 : options.liveMs)
  return scenarioIncidents(options.scenario, {
    start: expectedEnd - options.eventBeforeEndMs,
    end: options.liveMs > 0 && !isEndless ? Infinity : expectedEnd,
  })
}

/** Labels as they turned out. */
function labelsUpTo(incidents: readonly Incident[], end: number): Incident[] {
  return incidents
    .filter((incident) => incident.start < end)
    .map((incident) => ({ ...incident, end: Math.min(incident.end, end) }))
}

/** Returns the instant up to which history was written. */
async function backfill(
  input: HistoryInput,
  { start, startedAt, now }: { start: number; startedAt: number; now: () => number },
  { options, hooks, tally }: Running,
): Promise<number> {
  const { signal, log } = hooks
  const { endpoint, compression } = options
  const poster = createPoster({ endpoint, compression, signal })
  try {
    const begunMs = performance.now()
    await writeHistory(input, { from: start, to: startedAt }, { poster, tally, signal })
    let writtenTo = startedAt
    if (options.liveMs > 0 && !signal.aborted) {
      // What the customers asked while history was written.
      writtenTo = now()
      await writeHistory(input, { from: startedAt, to: writtenTo }, { poster, tally, signal })
    }
    const { requests, spans } = tally.totals()
    const seconds = ((performance.now() - begunMs) / 1_000).toFixed(1)
    log(`history: ${requests} requests, ${spans} spans in ${seconds} s`)
    return writtenTo
  } finally {
    poster.close()
  }
}

async function goLive(
  input: HistoryInput,
  live: {
    from: number
    to: number
    now: () => number
    incidentsAt: (at: number) => readonly Incident[]
  },
  { options, hooks, tally, simulator }: Running & { simulator: Simulator },
): Promise<void> {
  // A variable, because the SDK's published types leave out its clock for simulations.
  const sdkOptions = {
    endpoint: options.endpoint,
    service: SERVICE,
    environment: ENVIRONMENT,
    release: CURRENT_RELEASE,
    now: live.now,
  }
  init(sdkOptions)
  const client = wrap(
    new OpenAI({
      apiKey: 'simulated',
      baseURL: `${simulator.url}/v1`,
      maxRetries: 0,
      timeout: CLIENT_TIMEOUT_MS,
    }),
  )
  const { knowledgeBase, traffic, conversations } = input
  const desk = { client, knowledgeBase, speed: hooks.speed ?? 1 }
  const { from, to, now, incidentsAt } = live
  hooks.log(`live: ${options.requestsPerMinute} requests a minute to ${options.endpoint}`)
  try {
    await runLive(
      { desk, traffic, conversations, incidentsAt, now },
      { from, to },
      { tally, signal: hooks.signal },
    )
  } finally {
    await shutdown({ timeoutMs: SHUTDOWN_TIMEOUT_MS })
  }
}

function logIncidents(
  incidentsAt: (at: number) => readonly Incident[],
  now: () => number,
  { log }: DemoHooks,
): { stop: () => void } {
  const open = new Map<string, Incident>()
  const timer = setInterval(() => {
    const at = now()
    for (const incident of incidentsAt(at)) {
      if (incident.start > at || at >= incident.end || open.has(incident.id)) continue
      open.set(incident.id, incident)
      log(`incident ${incident.id} begins: ${incident.type} of ${incident.target}`)
    }
    for (const [id, incident] of open) {
      if (at < incident.end) continue
      open.delete(id)
      log(`incident ${id} ends: ${incident.type}`)
    }
  }, 1_000)
  return { stop: () => clearInterval(timer) }
}
