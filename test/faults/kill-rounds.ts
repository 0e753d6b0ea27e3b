import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, fsyncSync, openSync, readFileSync, writeSync } from 'node:fs'
import { mkdtemp, readdir, readFile, readlink, rm } from 'node:fs/promises'
import { Agent } from 'node:http'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type { Ledger } from '../../server/contract/index.ts'
import { createSql } from '../../server/db/client.ts'
import { startEmbeddedPostgres } from '../../server/db/embedded/start-embedded-postgres.ts'
import { REPOSITORY } from '../support/server-process.ts'
import { encodeLoad, makeSpans, postTraces } from '../support/span-load.ts'

export type Victim = 'server' | 'bootstrap' | 'database'
export const VICTIMS: readonly Victim[] = ['server', 'bootstrap', 'database']

export type KillReport = {
  rounds: number
  acknowledged: number
  stored: number
  lost: number
  doubled: number
  spansPerSecond: number
  statuses: Record<string, number>
  rollup: { requests: number; inputTokens: number; outputTokens: number }
  recount: { requests: number; inputTokens: number; outputTokens: number }
  ledger: { received: number; stored: number; duplicate: number; rejected: number }
  databaseProcesses: number
}

const SENDERS = 4
const SPANS_PER_REQUEST = 100
/** Each sender aims at 830 spans/s, so that with the time spent restarting a round still sees 1,000 and more. */
const REQUEST_EVERY_MS = 120
const READY_LIMIT_MS = 60_000

/**
 * Kills one process with SIGKILL per round while four senders post spans, each writing the ids of
 * an acknowledged request to an fsynced log before its next one; then compares the log with the
 * database and the rollups with a recount.
 */
export async function runKillRounds(
  victims: readonly Victim[],
  roundMs: number,
): Promise<KillReport> {
  const folder = await mkdtemp(join(tmpdir(), 'sightline kill '))
  const dataDir = join(folder, 'data')
  const port = await freePort()
  const run: Run = { dataDir, port, url: `http://127.0.0.1:${port}`, stopping: false, statuses: {} }
  try {
    let app = await startApp(run)
    const startedAt = performance.now()
    const logs = Array.from({ length: SENDERS }, (_, index) => join(folder, `acked-${index}.log`))
    const senders = logs.map((log, index) => send(run, log, index))
    for (const victim of victims) {
      await pause(roundMs * (0.5 + Math.random()))
      app = await killAndRestart(run, app, victim)
    }
    await pause(roundMs)
    run.stopping = true
    await Promise.all(senders)
    const elapsedS = (performance.now() - startedAt) / 1_000
    const report = await compare(run, logs, { rounds: victims.length, elapsedS })
    await endApp(app)
    return report
  } finally {
    run.stopping = true
    await killLeftovers(dataDir)
    // Backends of a killed database may write a last file while the folder is removed.
    await rm(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 })
  }
}

type Run = {
  dataDir: string
  port: number
  url: string
  stopping: boolean
  statuses: Record<string, number>
}

async function startApp(run: Run): Promise<ChildProcess> {
  const child = spawn('node', [join(REPOSITORY, 'server/bootstrap.mjs'), 'start'], {
    cwd: REPOSITORY,
    env: {
      ...process.env,
      PORT: String(run.port),
      OTLP_GRPC_PORT: 'off',
      SIGHTLINE_DATA_DIR: run.dataDir,
      SIGHTLINE_LOG_LEVEL: 'error',
    },
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  await untilReady(run, child)
  return child
}

async function untilReady(run: Run, child: ChildProcess): Promise<void> {
  const until = Date.now() + READY_LIMIT_MS
  while (Date.now() < until) {
    if (child.exitCode !== null) throw new Error(`npm start ended with code ${child.exitCode}`)
    const answer = await fetch(`${run.url}/readyz`).catch(() => undefined)
    if (answer?.status === 200) return
    await pause(50)
  }
  throw new Error(`not ready within ${READY_LIMIT_MS} ms`)
}

async function killAndRestart(run: Run, app: ChildProcess, victim: Victim): Promise<ChildProcess> {
  if (victim === 'database') {
    const pid = Number((await readFile(await postmasterFile(run.dataDir), 'utf8')).split('\n')[0])
    process.kill(pid, 'SIGKILL')
    await untilReady(run, app)
    return app
  }
  const exited = once(app, 'exit')
  const pid = victim === 'bootstrap' ? app.pid : await childOf(app.pid ?? 0)
  process.kill(pid ?? 0, 'SIGKILL')
  await exited
  return startApp(run)
}

async function endApp(app: ChildProcess): Promise<void> {
  if (app.exitCode !== null) return
  const exited = once(app, 'exit')
  app.kill('SIGTERM')
  await exited
}

async function send(run: Run, logFile: string, index: number): Promise<void> {
  const log = openSync(logFile, 'a')
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  try {
    while (!run.stopping) {
      const dueAt = performance.now() + REQUEST_EVERY_MS
      const spans = makeSpans(SPANS_PER_REQUEST, { endMs: Date.now(), seed: index })
      const body = encodeLoad(spans)
      await sendUntilAcknowledged(run, body, agent)
      writeSync(log, spans.map((span) => `${span.traceId} ${span.spanId}\n`).join(''))
      fsyncSync(log)
      await pause(Math.max(0, dueAt - performance.now()))
    }
  } finally {
    closeSync(log)
    agent.destroy()
  }
}

async function sendUntilAcknowledged(run: Run, body: Buffer, agent: Agent): Promise<void> {
  for (;;) {
    const answer = await postTraces(run.url, body, { agent }).catch(() => undefined)
    const status = answer === undefined ? 'broken' : String(answer.status)
    run.statuses[status] = (run.statuses[status] ?? 0) + 1
    if (answer?.status === 200) return
    await pause(50)
  }
}

async function compare(
  run: Run,
  logs: string[],
  { rounds, elapsedS }: { rounds: number; elapsedS: number },
): Promise<KillReport> {
  const acknowledged = new Set(
    logs.flatMap((log) => readFileSync(log, 'utf8').split('\n').filter(Boolean)),
  )
  const silent = { info: () => undefined, warn: () => undefined }
  await using postgres = await startEmbeddedPostgres({
    dataDir: join(run.dataDir, 'postgres'),
    log: silent,
  })
  const { host, port, database, user } = postgres
  const sql = createSql({ host, port, database, user }, { max: 1 })
  try {
    const rows = await sql<{ id: string }[]>`
      select replace(trace_id::text, '-', '') || ' ' || lpad(to_hex(span_id), 16, '0') as id
      from spans where project_id = 'default'`
    const stored = new Set(rows.map((row) => row.id))
    const [recount] = await sql<KillReport['recount'][]>`
      select count(*) as requests, coalesce(sum(input_tokens), 0)::int8 as input_tokens,
        coalesce(sum(output_tokens), 0)::int8 as output_tokens
      from spans where project_id = 'default'`
    return {
      rounds,
      acknowledged: acknowledged.size,
      stored: stored.size,
      lost: [...acknowledged].filter((id) => !stored.has(id)).length,
      doubled: rows.length - stored.size,
      spansPerSecond: Math.round(acknowledged.size / elapsedS),
      statuses: run.statuses,
      rollup: {
        requests: await metric(run, 'requests'),
        inputTokens: await metric(run, 'tokens_input'),
        outputTokens: await metric(run, 'tokens_output'),
      },
      recount: recount ?? { requests: 0, inputTokens: 0, outputTokens: 0 },
      ledger: await ledger(run),
      databaseProcesses: (await postmasters(run.dataDir)).length,
    }
  } finally {
    await sql.end()
  }
}

async function metric(run: Run, name: string): Promise<number> {
  const from = Date.now() - 3_600_000
  const to = Date.now() + 600_000
  const answer = await fetch(
    `${run.url}/api/v1/metrics?metric=${name}&from=${from}&to=${to}&step=all`,
  )
  const body = (await answer.json()) as { series: { points: { value: number }[] }[] }
  return body.series[0]?.points[0]?.value ?? 0
}

async function ledger(run: Run): Promise<KillReport['ledger']> {
  const from = Date.now() - 3_600_000
  const answer = await fetch(`${run.url}/api/v1/ledger?from=${from}&to=${Date.now() + 60_000}`)
  const { totals } = (await answer.json()) as Ledger
  return {
    received: totals.receivedSpans,
    stored: totals.storedSpans,
    duplicate: totals.duplicateSpans,
    rejected: Object.values(totals.rejectedSpans).reduce((sum, count) => sum + count, 0),
  }
}

async function postmasterFile(dataDir: string): Promise<string> {
  for (const entry of await readdir(dataDir, { recursive: true })) {
    if (entry.endsWith('postmaster.pid')) return join(dataDir, entry)
  }
  throw new Error(`no postmaster.pid under ${dataDir}`)
}

/** Processes whose parent is `pid`. */
async function childOf(pid: number): Promise<number | undefined> {
  for (const entry of await readdir('/proc')) {
    if (!/^\d+$/.test(entry)) continue
    const stat = await readFile(`/proc/${entry}/stat`, 'utf8').catch(() => '')
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    if (Number(fields[1]) === pid) return Number(entry)
  }
  return undefined
}

/** Postmasters at work in the data folder: the server runs with its cluster as working directory. */
async function postmasters(dataDir: string): Promise<number[]> {
  const found: number[] = []
  for (const entry of await readdir('/proc')) {
    if (!/^\d+$/.test(entry)) continue
    const command = await readFile(`/proc/${entry}/cmdline`, 'utf8').catch(() => '')
    const [program = '', flag] = command.split('\0')
    if (!program.endsWith('/postgres') || flag !== '-D') continue
    const folder = await readlink(`/proc/${entry}/cwd`).catch(() => '')
    if (folder.startsWith(dataDir)) found.push(Number(entry))
  }
  return found
}

async function killLeftovers(dataDir: string): Promise<void> {
  for (const pid of await postmasters(dataDir)) process.kill(pid, 'SIGQUIT')
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}
