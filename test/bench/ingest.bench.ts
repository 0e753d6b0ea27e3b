import { execFileSync } from 'node:child_process'
import { readdir, readFile } from 'node:fs/promises'
import { Agent } from 'node:http'
import { createSql, type Sql } from '../../server/db/client.ts'
import { encodeLoad, makeSpans, postTraces } from '../support/span-load.ts'
import { startBenchServer } from './bench-server.ts'
import { conventionalCopyRate } from './conventional-copy.ts'

const CONNECTIONS = 4
const SPANS_PER_REQUEST = 250
const ROUNDS = 3
const ROUND_MS = 10_000
const WARM_UP_MS = 3_000

type Round = {
  spansPerSecond: number
  ackP50Ms: number
  ackP99Ms: number
  serverUs: number
  postgresUs: number
  copySpansPerSecond: number
}

/**
 * Ingest as a user's collector sees it: 2.8 KB spans, 250 a request, 4 connections, acknowledged
 * after commit, against a server-side COPY of the same spans as conventional rows, round by round
 * in the same run.
 */
export async function run(): Promise<Record<string, unknown>> {
  await using bench = await startBenchServer()
  const { server, target, postgresPid } = bench
  const sql = createSql(target)
  try {
    await sendFor(server.url, WARM_UP_MS)
    const rounds: Round[] = []
    for (let round = 0; round < ROUNDS; round += 1) {
      const serverPid = server.child.pid ?? 0
      rounds.push(await measure({ server: server.url, serverPid, postgresPid, sql }))
    }
    return summary(rounds)
  } finally {
    await sql.end({ timeout: 2 })
  }
}

type Subject = { server: string; serverPid: number; postgresPid: number; sql: Sql }

async function measure({ server, serverPid, postgresPid, sql }: Subject): Promise<Round> {
  const before = { server: await cpuMs([serverPid]), postgres: await treeCpuMs(postgresPid) }
  const startedAt = performance.now()
  const { spans, ackMs } = await sendFor(server, ROUND_MS)
  const elapsedS = (performance.now() - startedAt) / 1_000
  const after = { server: await cpuMs([serverPid]), postgres: await treeCpuMs(postgresPid) }
  const sorted = ackMs.toSorted((a, b) => a - b)
  return {
    spansPerSecond: spans / elapsedS,
    ackP50Ms: sorted[Math.floor(sorted.length * 0.5)] ?? Number.NaN,
    ackP99Ms: sorted[Math.floor(sorted.length * 0.99)] ?? Number.NaN,
    serverUs: ((after.server - before.server) * 1_000) / spans,
    postgresUs: ((after.postgres - before.postgres) * 1_000) / spans,
    copySpansPerSecond: await conventionalCopyRate(sql),
  }
}

/** Bodies are made before the clock starts and ids patched in, so that the load costs little. */
async function sendFor(url: string, forMs: number): Promise<{ spans: number; ackMs: number[] }> {
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS })
  const ackMs: number[] = []
  let spans = 0
  const until = performance.now() + forMs
  async function connection(): Promise<void> {
    const spanList = makeSpans(SPANS_PER_REQUEST, { endMs: Date.now() })
    const body = encodeLoad(spanList)
    const places = idPlaces(body, spanList)
    while (performance.now() < until) {
      for (const { at, length } of places) refresh(body, at, length)
      const startedAt = performance.now()
      const answer = await postTraces(url, body, { agent })
      if (answer.status !== 200)
        throw new Error(`ingest answered ${answer.status}: ${answer.body.toString()}`)
      ackMs.push(performance.now() - startedAt)
      spans += SPANS_PER_REQUEST
    }
  }
  await Promise.all(Array.from({ length: CONNECTIONS }, connection))
  agent.destroy()
  return { spans, ackMs }
}

function idPlaces(
  body: Buffer,
  spans: { traceId: string; spanId: string }[],
): { at: number; length: number }[] {
  const places: { at: number; length: number }[] = []
  let from = 0
  for (const span of spans) {
    for (const id of [span.traceId, span.spanId]) {
      const bytes = Buffer.from(id, 'hex')
      const at = body.indexOf(bytes, from)
      places.push({ at, length: bytes.length })
      from = at + bytes.length
    }
  }
  return places
}

function refresh(body: Buffer, at: number, length: number): void {
  for (let offset = 0; offset < length; offset += 4) {
    body.writeUInt32BE(Math.floor(Math.random() * 0xffff_fffe) + 1, at + offset)
  }
}

function summary(rounds: Round[]): Record<string, unknown> {
  const median = (pick: (round: Round) => number) =>
    rounds.map(pick).toSorted((a, b) => a - b)[Math.floor(rounds.length / 2)] ?? Number.NaN
  const tidy = (value: number) => Math.round(value * 100) / 100
  return {
    benchmark: 'ingest',
    spansPerRequest: SPANS_PER_REQUEST,
    connections: CONNECTIONS,
    bytesPerSpan: Math.round(
      encodeLoad(makeSpans(SPANS_PER_REQUEST, { endMs: Date.now() })).length / SPANS_PER_REQUEST,
    ),
    spansPerSecond: Math.round(median((round) => round.spansPerSecond)),
    ackP50Ms: tidy(median((round) => round.ackP50Ms)),
    ackP99Ms: tidy(median((round) => round.ackP99Ms)),
    cpuUsPerSpan: {
      server: tidy(median((round) => round.serverUs)),
      postgres: tidy(median((round) => round.postgresUs)),
    },
    conventionalCopySpansPerSecond: Math.round(median((round) => round.copySpansPerSecond)),
    ratioToConventionalCopy: tidy(
      median((round) => round.spansPerSecond / round.copySpansPerSecond),
    ),
    rounds,
  }
}

const TICKS_PER_SECOND = Number(execFileSync('getconf', ['CLK_TCK']).toString())

async function cpuMs(pids: number[]): Promise<number> {
  let ticks = 0
  for (const pid of pids) {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    ticks += Number(fields[11] ?? 0) + Number(fields[12] ?? 0)
  }
  return (ticks / TICKS_PER_SECOND) * 1_000
}

/** The postmaster and its backends. */
async function treeCpuMs(rootPid: number): Promise<number> {
  const pids = [rootPid]
  for (const entry of await readdir('/proc')) {
    if (!/^\d+$/.test(entry)) continue
    const stat = await readFile(`/proc/${entry}/stat`, 'utf8').catch(() => '')
    const parent = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1] ?? 0)
    if (parent === rootPid) pids.push(Number(entry))
  }
  return cpuMs(pids)
}
