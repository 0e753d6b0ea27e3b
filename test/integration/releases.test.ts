import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Release, ReleaseList } from '../../server/contract/index.ts'
import { findStoredReleases } from '../../server/releases/find-stored.ts'
import { startServer } from '../../server/start.ts'
import { eventually } from '../support/eventually.ts'
import { encodeTraces } from '../support/otlp-encode.ts'
import { postTraces } from '../support/span-load.ts'
import { startTestServer, type TestServer } from '../support/test-server.ts'

const HOUR_MS = 3_600_000
const NOW_MS = Date.now()

let server: TestServer
beforeAll(async () => {
  server = await startTestServer()
})
afterAll(async () => {
  await server[Symbol.asyncDispose]()
})

async function list(project: string, params: Record<string, string> = {}): Promise<ReleaseList> {
  const query = new URLSearchParams({
    project,
    from: String(NOW_MS - 48 * HOUR_MS),
    to: String(NOW_MS + HOUR_MS),
    ...params,
  })
  const answer = await fetch(`${server.url}/api/v1/releases?${query.toString()}`)
  expect(answer.status).toBe(200)
  return (await answer.json()) as ReleaseList
}

async function report(project: string, body: unknown): Promise<{ status: number; body: Release }> {
  const answer = await fetch(`${server.url}/api/v1/releases?project=${project}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  return { status: answer.status, body: (await answer.json()) as Release }
}

async function send(project: string, release: string, startMs: number): Promise<void> {
  await sendTo(server.url, { project, release, startMs })
}

/** One step of a version of service `chat`; spans of no model call count, too. */
async function sendTo(
  url: string,
  { project, release, startMs }: { project: string; release: string; startMs: number },
): Promise<void> {
  const id = Math.floor(Math.random() * 2 ** 40)
    .toString(16)
    .padStart(16, 'a')
  const body = encodeTraces({
    resource: {
      'service.name': 'chat',
      'service.version': release,
      'deployment.environment.name': 'production',
    },
    spans: [
      { traceId: id + id, spanId: id, name: 'step', kind: 1, startMs, endMs: startMs + 1_000 },
    ],
  })
  const answer = await postTraces(url, body, { headers: { 'x-sightline-project': project } })
  expect(answer.status).toBe(200)
}

function seen(release: string, at: number): Release {
  const environment = 'production'
  return { release, service: 'chat', environment, at, source: 'seen', meta: null }
}

test('a version is listed since its earliest span, however the spans come', async () => {
  await send('seen', '1.0.0', NOW_MS - 60_000)
  await send('seen', '1.1.0', NOW_MS - 30_000)
  await send('seen', '1.0.0', NOW_MS - 30 * HOUR_MS)
  await send('seen', '1.0.0', NOW_MS - 10_000)

  await eventually(async () => {
    expect((await list('seen')).items).toEqual([
      seen('1.1.0', NOW_MS - 30_000),
      seen('1.0.0', NOW_MS - 30 * HOUR_MS),
    ])
  })
})

test('what was reported stands for what was seen of it', async () => {
  await send('both', '2.0.0', NOW_MS - 60_000)
  await eventually(async () => {
    expect((await list('both')).items).toHaveLength(1)
  })
  await report('both', { release: '2.0.0', service: 'chat', at: NOW_MS - 90_000 })
  await send('both', '2.0.0', NOW_MS - 200_000)
  await send('both', '2.0.1', NOW_MS - 100_000)

  await eventually(async () => {
    expect(
      (await list('both')).items.map(({ release, source, at }) => [release, source, at]),
    ).toEqual([
      ['2.0.0', 'reported', NOW_MS - 90_000],
      ['2.0.1', 'seen', NOW_MS - 100_000],
    ])
  })
})

test('a seen row that is reported by all its names becomes the reported one', async () => {
  await send('same', '3.0.0', NOW_MS - 60_000)
  await eventually(async () => {
    expect((await list('same')).items).toHaveLength(1)
  })

  const named = { release: '3.0.0', service: 'chat', environment: 'production' }
  const reported = await report('same', { ...named, meta: { commit: 'abc' } })

  expect(reported).toEqual({
    status: 201,
    body: { ...named, at: NOW_MS - 60_000, source: 'reported', meta: { commit: 'abc' } },
  })
  expect((await list('same')).items).toEqual([reported.body])
})

test('the same report again is one release: meta changes, the earliest instant stays', async () => {
  const at = NOW_MS - HOUR_MS
  await report('again', { release: 'r', at, meta: { by: 'ci' } })

  const kept = await report('again', { release: 'r' })
  const told = await report('again', { release: 'r', meta: { by: 'hand' } })
  const moved = await report('again', { release: 'r', at: new Date(at + 5_000).toISOString() })

  expect(kept.body).toMatchObject({ at, meta: { by: 'ci' }, service: null, environment: null })
  expect(told.body).toMatchObject({ at, meta: { by: 'hand' } })
  expect(moved.body).toMatchObject({ at: at + 5_000, meta: { by: 'hand' } })
  expect((await list('again')).items).toHaveLength(1)
})

test('a list is of one service and those of all, paged newest first', async () => {
  for (let i = 0; i < 5; i += 1) {
    await report('paged', { release: `r${i}`, service: 'a', at: NOW_MS - i * 1_000 })
  }
  await report('paged', { release: 'all', at: NOW_MS - 2_000 })
  await report('paged', { release: 'other', service: 'b', at: NOW_MS })

  const first = await list('paged', { service: 'a', limit: '3' })
  const rest = await list('paged', { service: 'a', cursor: first.nextCursor ?? '' })

  expect(first.items.map(({ release }) => release)).toEqual(['r0', 'r1', 'all'])
  expect(rest.items.map(({ release }) => release)).toEqual(['r2', 'r3', 'r4'])
  expect(rest.nextCursor).toBeNull()
  expect((await list('paged', { to: String(NOW_MS - 3_500) })).items).toHaveLength(1)
})

test('a body that is no release is refused with its field', async () => {
  expect(await report('bad', { service: 'a' })).toMatchObject({
    status: 422,
    body: { error: { field: 'release' } },
  })
  expect(await report('bad', { release: 'r', at: 'yesterday' })).toMatchObject({
    status: 400,
    body: { error: { field: 'at' } },
  })
  expect(await report('bad', { release: 'r'.repeat(201) })).toMatchObject({ status: 422 })
  expect((await list('bad')).items).toEqual([])
})

test('what was stored while nobody watched is found, and nothing is lost by a restart', async () => {
  await send('restart', '4.0.0', NOW_MS - 60_000)
  await eventually(async () => {
    expect((await list('restart')).items).toHaveLength(1)
  })
  await server.sql`delete from releases where project_id = 'restart'`
  await findStoredReleases(server.sql, new AbortController().signal)
  expect((await list('restart')).items).toEqual([seen('4.0.0', NOW_MS - 60_000)])

  {
    await using second = await startServer({ ...server.context.config, port: 0 })
    const old = { project: 'restart', release: '4.0.0', startMs: NOW_MS - 5_000 }
    await sendTo(second.url, old)
    await sendTo(second.url, { ...old, release: '4.1.0', startMs: NOW_MS - 4_000 })
  }

  expect((await list('restart')).items).toEqual([
    seen('4.1.0', NOW_MS - 4_000),
    seen('4.0.0', NOW_MS - 60_000),
  ])
})

test('past days are looked through once', async () => {
  const day = new Date(NOW_MS - 48 * HOUR_MS).toISOString().slice(0, 10)
  await send('past', '5.0.0', Date.parse(`${day}T12:00:00Z`))
  const { signal } = new AbortController()
  await findStoredReleases(server.sql, signal)

  const done = await server.sql<{ day: string }[]>`select day from release_days`
  expect(done.map((row) => row.day)).toContain(day)
  expect(done.map((row) => row.day)).not.toContain(new Date(NOW_MS).toISOString().slice(0, 10))
})
