import { execFileSync, spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { isRunning } from '../../server/bootstrap/process-record.mjs'
import { createSql } from '../../server/db/client.ts'
import type { DatabaseTarget } from '../../server/db/client.ts'
import { startEmbeddedPostgres } from '../../server/db/embedded/start-embedded-postgres.ts'
import type { EmbeddedPostgres } from '../../server/db/embedded/start-embedded-postgres.ts'
import { eventually } from '../support/eventually.ts'

const SILENT = { info: () => undefined, warn: () => undefined }
const HOLDER = fileURLToPath(new URL('../support/hold-database.ts', import.meta.url))

let template: string
let folder: string
let started: EmbeddedPostgres[]
let children: ChildProcess[]

beforeAll(async () => {
  template = mkdtempSync(join(tmpdir(), 'sightline-embedded-'))
  const postgres = await startEmbeddedPostgres({ dataDir: template, log: SILENT })
  await postgres.stop()
})

afterAll(() => rmSync(template, { recursive: true, force: true }))

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sightline-embedded-'))
  chmodSync(folder, 0o755)
  started = []
  children = []
})

afterEach(async () => {
  for (const child of children) child.kill('SIGKILL')
  await Promise.all(started.map((postgres) => postgres.stop()))
  rmSync(folder, { recursive: true, force: true })
})

/** Most tests are not about how a cluster is made, which takes long and waits for the disk. */
function useMadeCluster(): void {
  execFileSync('cp', ['-a', join(template, 'data'), folder])
}

async function start(dataDir: string, onRestart?: () => void): Promise<EmbeddedPostgres> {
  const options = { dataDir, log: SILENT }
  const postgres = await startEmbeddedPostgres(
    onRestart === undefined ? options : { ...options, onRestart },
  )
  started.push(postgres)
  return postgres
}

/** Starts the database from another process, in an environment without LANG. */
async function startElsewhere(dataDir: string): Promise<{ program: ChildProcess; pid: number }> {
  const program = spawn(process.execPath, [HOLDER, dataDir], {
    env: { PATH: process.env['PATH'] },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  children.push(program)
  const [line] = (await once(createInterface({ input: program.stdout }), 'line')) as [string]
  return { program, pid: (JSON.parse(line) as { pid: number }).pid }
}

async function kill(program: ChildProcess): Promise<void> {
  const ended = once(program, 'exit')
  program.kill('SIGKILL')
  await ended
}

async function query<Row>(target: DatabaseTarget, statement: string): Promise<Row[]> {
  const sql = createSql(target, { max: 1 })
  try {
    return (await sql.unsafe(statement)) as unknown as Row[]
  } finally {
    await sql.end({ timeout: 1 })
  }
}

/** Backends change their titles, so only servers show the folder of their socket. */
function countServers({ host }: EmbeddedPostgres): number {
  const processes = execFileSync('ps', ['-axww', '-o', 'command='], { encoding: 'utf8' }).split(
    '\n',
  )
  return processes.filter((line) => line.includes(`unix_socket_directories=${host} `)).length
}

function pidOf(postgres: EmbeddedPostgres): number {
  const pid = postgres.pid()
  if (pid === undefined) throw new Error('the database is not running')
  return pid
}

test('what was committed is there after a stop and a second start', async () => {
  const first = await start(folder)
  await query(first, "create table kept as select 'żółw 🐢' as name")
  await first.stop()
  expect(countServers(first)).toBe(0)

  const second = await start(folder)

  expect(await query(second, 'select name from kept')).toEqual([{ name: 'żółw 🐢' }])
})

test('without LANG the database is UTF-8, lower-cases beyond ASCII, and syncs what it acknowledges', async () => {
  await startElsewhere(folder)
  const postgres = await start(folder)

  const rows = await query(
    postgres,
    `select current_setting('server_encoding') as encoding, lower('ÄŻ') as low,
            current_setting('fsync') as fsync, current_setting('synchronous_commit') as commit`,
  )

  expect(rows).toEqual([{ encoding: 'UTF8', low: 'äż', fsync: 'on', commit: 'on' }])
})

test('a database whose starter was killed is adopted, and stopped by its new owner', async () => {
  useMadeCluster()
  const { program, pid } = await startElsewhere(folder)
  await kill(program)

  const postgres = await start(folder)

  expect(postgres.pid()).toBe(pid)
  expect(countServers(postgres)).toBe(1)
  await postgres.stop()
  expect(isRunning(pid)).toBe(false)
})

test('a killed database comes back with its data, round after round', async () => {
  useMadeCluster()
  let restarts = 0
  const postgres = await start(folder, () => (restarts += 1))
  await query(postgres, 'create table rounds (round integer)')

  for (const round of [1, 2, 3]) {
    await query(postgres, `insert into rounds values (${round})`)
    process.kill(pidOf(postgres), 'SIGKILL')
    await eventually(() => expect(restarts).toBe(round), { timeoutMs: 30_000 })
  }

  expect(await query(postgres, 'select round from rounds order by round')).toHaveLength(3)
  expect(countServers(postgres)).toBe(1)
})

test('a start after both were killed at once finds the data and runs one database', async () => {
  useMadeCluster()
  const { program, pid } = await startElsewhere(folder)
  process.kill(pid, 'SIGKILL')
  await kill(program)

  const postgres = await start(folder)

  expect(postgres.pid()).not.toBe(pid)
  expect(countServers(postgres)).toBe(1)
})

test('a stranger that got the process id of a stale lock file does not hinder the start', async () => {
  useMadeCluster()
  const first = await start(folder)
  await first.stop()
  const { uid, gid } = statSync(join(folder, 'data'))
  const asServer = process.getuid?.() === 0 ? { uid, gid } : {}
  const stranger = spawn('sleep', ['600'], { ...asServer, stdio: 'ignore' })
  children.push(stranger)
  await once(stranger, 'spawn')
  const stale = [
    stranger.pid,
    join(folder, 'data'),
    1_700_000_000,
    5432,
    first.host,
    '',
    '',
    'ready',
  ]
  writeFileSync(join(folder, 'data', 'postmaster.pid'), stale.join('\n'))

  const second = await start(folder)

  expect(await query(second, 'select 1 as one')).toEqual([{ one: 1 }])
  expect(stranger.exitCode ?? stranger.signalCode).toBeNull()
})

test('an initialisation that broke off is made anew', async () => {
  mkdirSync(join(folder, 'data.unfinished', 'base'), { recursive: true })
  writeFileSync(join(folder, 'data.unfinished', 'PG_VERSION'), '18\n')

  const postgres = await start(folder)

  expect(await query(postgres, 'select 1 as one')).toEqual([{ one: 1 }])
})

test('two starts at once share one database, which the last of them stops', async () => {
  useMadeCluster()
  const [first, second] = await Promise.all([start(folder), start(folder)])
  expect(first.pid()).toBe(second.pid())

  await first.stop()
  expect(await query(second, 'select 1 as one')).toEqual([{ one: 1 }])

  await second.stop()
  expect(countServers(second)).toBe(0)
})

test('a cluster of another major version is refused with a way out, and left as it is', async () => {
  mkdirSync(join(folder, 'data'))
  writeFileSync(join(folder, 'data', 'PG_VERSION'), '15\n')

  const starting = start(folder)

  await expect(starting).rejects.toThrow(/written by PostgreSQL 15.*DATABASE_URL/)
  expect(readFileSync(join(folder, 'data', 'PG_VERSION'), 'utf8')).toBe('15\n')
})

test.each([
  ['with spaces, quotes and letters of other scripts', `it's "my", données 数据`],
  ['of 120 characters', 'x'.repeat(120)],
])('a folder %s serves', async (_, name) => {
  const postgres = await start(join(folder, name))

  expect(await query(postgres, 'select 1 as one')).toEqual([{ one: 1 }])
})

test('a folder below one that is closed to all others serves', async () => {
  const closed = join(folder, 'closed')
  mkdirSync(closed, { mode: 0o700 })
  const first = await start(join(closed, 'postgres'))
  await query(first, 'create table kept as select 1 as one')
  process.kill(pidOf(first), 'SIGKILL')

  const second = await start(join(closed, 'postgres'))

  expect(await query(second, 'select one from kept')).toEqual([{ one: 1 }])
  expect(statSync(closed).mode & 0o777).toBe(0o700)
})
