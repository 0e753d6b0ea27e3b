import { parseArgs } from 'node:util'
import { SCENARIOS } from '../simulator/scenario.ts'
import type { Scenario } from '../simulator/scenario.ts'
import type { Compression } from './post-batches.ts'

export type DemoOptions = {
  endpoint: string
  requestsPerMinute: number
  seed: number
  scenario: Scenario
  backfillMs: number
  /** How long live traffic runs; Infinity = until told to stop, 0 = history only. */
  liveMs: number
  /** A labelled incident about every ten minutes of live traffic. */
  hasIncidents: boolean
  /** Start of the scenario's event before the end of the run. */
  eventBeforeEndMs: number
  clockOffsetMs: number
  compression: Compression
  jsonFile: string | undefined
}

const USAGE = `usage: npm run demo -- [options]
  --endpoint URL        where Sightline listens (default http://127.0.0.1:4318)
  --rate N              requests a minute (default 20)
  --seed S              integer (default 1)
  --scenario NAME       ${SCENARIOS.join(' | ')} (default steady)
  --backfill DURATION   first send history of this length, such as 24h or 14d
  --duration DURATION   live traffic; default 60s, with --backfill 0s, with --incidents endless
  --incidents           a labelled incident about every ten minutes of live traffic
  --event-at DURATION   start of the scenario's event before the end (default 30m, or 2/3 of the run)
  --clock-offset D      shift every timestamp, such as -2h or 90000 (ms)
  --compression NAME    none | gzip | zstd, for history (default none)
  --json FILE           write the summary there too`

const OPTIONS = {
  endpoint: { type: 'string', default: 'http://127.0.0.1:4318' },
  rate: { type: 'string', default: '20' },
  seed: { type: 'string', default: '1' },
  scenario: { type: 'string', default: 'steady' },
  backfill: { type: 'string', default: '0' },
  duration: { type: 'string' },
  incidents: { type: 'boolean', default: false },
  'event-at': { type: 'string' },
  'clock-offset': { type: 'string', default: '0' },
  compression: { type: 'string', default: 'none' },
  json: { type: 'string' },
} as const

const DEFAULT_EVENT_MS = 30 * 60_000
const DEFAULT_LIVE_MS = 60_000

export class UsageError extends Error {
  override name = 'UsageError'
}

/** Reads the command line; every fault is a UsageError that shows the usage. */
export function parseOptions(argv: readonly string[]): DemoOptions {
  const values = readValues(argv)
  const backfillMs = parseDuration('--backfill', values.backfill)
  const hasIncidents = values.incidents
  const liveMs =
    values.duration === undefined
      ? defaultLiveMs(hasIncidents, backfillMs)
      : parseDuration('--duration', values.duration)
  const runMs = backfillMs + (Number.isFinite(liveMs) ? liveMs : 0)
  return {
    endpoint: parseUrl(values.endpoint),
    requestsPerMinute: parseNumber('--rate', values.rate, { above: 0, upTo: 100_000 }),
    seed: parseNumber('--seed', values.seed, { above: -1, upTo: 4_294_967_295 }),
    scenario: parseChoice('--scenario', values.scenario, SCENARIOS),
    backfillMs,
    liveMs,
    hasIncidents,
    eventBeforeEndMs:
      values['event-at'] === undefined
        ? Math.min(DEFAULT_EVENT_MS, (runMs * 2) / 3)
        : parseDuration('--event-at', values['event-at']),
    clockOffsetMs: parseSignedDuration('--clock-offset', values['clock-offset']),
    compression: parseChoice('--compression', values.compression, ['none', 'gzip', 'zstd']),
    jsonFile: values.json,
  }
}

function readValues(argv: readonly string[]) {
  try {
    const args = joinNegative(argv)
    return parseArgs({ args, options: OPTIONS, strict: true, allowPositionals: false }).values
  } catch (error) {
    throw fault(error instanceof Error ? error.message : String(error), error)
  }
}

/** `--clock-offset -2h` would read as a flag of its own. */
function joinNegative(argv: readonly string[]): string[] {
  const joined: string[] = []
  for (const arg of argv) {
    if (joined.at(-1) === '--clock-offset') joined[joined.length - 1] = `--clock-offset=${arg}`
    else joined.push(arg)
  }
  return joined
}

function defaultLiveMs(hasIncidents: boolean, backfillMs: number): number {
  if (hasIncidents) return Infinity
  return backfillMs > 0 ? 0 : DEFAULT_LIVE_MS
}

const UNIT_MS: Record<string, number> = {
  '': 1,
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
}

export function parseDuration(option: string, text: string): number {
  const ms = parseSignedDuration(option, text)
  if (ms < 0) throw fault(`${option} must not be negative: "${text}"`)
  return ms
}

export function parseSignedDuration(option: string, text: string): number {
  const match = /^([+-]?\d+(?:\.\d+)?)(ms|s|m|h|d|)$/.exec(text)
  const unitMs = UNIT_MS[match?.[2] ?? 'none']
  if (unitMs === undefined)
    throw fault(`${option} "${text}" is no duration such as 60s, 24h or 14d`)
  return Number(match?.[1]) * unitMs
}

function parseNumber(option: string, text: string, range: { above: number; upTo: number }): number {
  const value = Number(text)
  if (text.trim() !== '' && value > range.above && value <= range.upTo) return value
  throw fault(`${option} "${text}" is not a number above ${range.above} up to ${range.upTo}`)
}

function parseChoice<T extends string>(option: string, text: string, choices: readonly T[]): T {
  const choice = choices.find((candidate) => candidate === text)
  if (choice === undefined) throw fault(`${option} "${text}" is none of ${choices.join(', ')}`)
  return choice
}

function parseUrl(text: string): string {
  const url = URL.parse(text)
  if (url?.protocol === 'http:') return url.href
  throw fault(`--endpoint "${text}" is not an http:// URL`)
}

function fault(message: string, cause?: unknown): UsageError {
  return new UsageError(`${message}\n${USAGE}`, { cause })
}
