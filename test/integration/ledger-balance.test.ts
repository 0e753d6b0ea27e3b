import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { loadConfig } from '../../server/config.ts'
import type { Ledger } from '../../server/contract/index.ts'
import { startServer, type RunningServer } from '../../server/start.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { encodeTraces, type SpanInput } from '../support/otlp-encode.ts'

let database: TestDatabase
let server: RunningServer
beforeAll(async () => {
  database = await createTestDatabase()
  server = await start()
})
afterAll(async () => {
  await server[Symbol.asyncDispose]()
  await database.drop()
})

function start(): Promise<RunningServer> {
  return startServer(
    loadConfig({
      DATABASE_URL: database.url,
      PORT: '0',
      OTLP_GRPC_PORT: 'off',
      SIGHTLINE_CANARY: 'off',
      SIGHTLINE_LOG_LEVEL: 'silent',
    }),
  )
}

/** A span by the number of its id and of its content; faulty ones cannot be read. */
type Drawn = { id: number; content: number; isFaulty: boolean }
type Step =
  | { kind: 'batch'; spans: Drawn[] }
  | { kind: 'parallel'; batches: Drawn[][] }
  | { kind: 'refused' }
  | { kind: 'restart' }

const drawn: fc.Arbitrary<Drawn> = fc.record({
  id: fc.integer({ min: 1, max: 30 }),
  content: fc.integer({ min: 1, max: 2 }),
  isFaulty: fc.integer({ min: 0, max: 9 }).map((n) => n === 0),
})
const batch = fc.array(drawn, { minLength: 1, maxLength: 25 })
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: batch.map((spans): Step => ({ kind: 'batch', spans })) },
  {
    weight: 2,
    arbitrary: fc
      .array(batch, { minLength: 2, maxLength: 4 })
      .map((batches): Step => ({ kind: 'parallel', batches })),
  },
  { weight: 1, arbitrary: fc.constant<Step>({ kind: 'refused' }) },
  { weight: 1, arbitrary: fc.constant<Step>({ kind: 'restart' }) },
)

const AT_MS = Date.now() - 60_000

function toSpan({ id, content, isFaulty }: Drawn): SpanInput {
  return {
    traceId: id.toString(16).padStart(32, 'a'),
    spanId: isFaulty ? '0'.repeat(16) : id.toString(16).padStart(16, 'b'),
    name: `content ${content}`,
    startMs: AT_MS,
    endMs: AT_MS + 1_000,
    // Every fifth belongs to another day.
    ...(id % 5 === 0 && { startMs: AT_MS - 86_400_000, endMs: AT_MS - 86_399_000 }),
  }
}

async function post(project: string, body: Buffer): Promise<number> {
  const answer = await fetch(`${server.url}/v1/traces`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-protobuf', 'x-sightline-project': project },
    body: new Uint8Array(body),
  })
  return answer.status
}

async function send(project: string, spans: readonly Drawn[]): Promise<void> {
  expect(await post(project, encodeTraces({ spans: spans.map(toSpan) }))).toBe(200)
}

type Expected = {
  received: number
  stored: number
  duplicate: number
  conflict: number
  rejected: number
}

/** What the sender knows: the first copy of a span is stored. */
class Model {
  readonly counts: Expected = { received: 0, stored: 0, duplicate: 0, conflict: 0, rejected: 0 }
  /** False once requests overlapped: which copy was first is then not known. */
  isExact = true
  readonly #contentById = new Map<number, number>()

  add({ id, content, isFaulty }: Drawn): void {
    this.counts.received += 1
    const stored = this.#contentById.get(id)
    if (isFaulty) this.counts.rejected += 1
    else if (stored === undefined) {
      this.#contentById.set(id, content)
      this.counts.stored += 1
    } else {
      this.counts.duplicate += 1
      if (stored !== content) this.counts.conflict += 1
    }
  }
}

async function run(project: string, one: Step, model: Model): Promise<void> {
  if (one.kind === 'restart') {
    await server[Symbol.asyncDispose]()
    server = await start()
  } else if (one.kind === 'refused') {
    expect(await post(project, Buffer.from([0xff]))).toBe(400)
  } else {
    const batches = one.kind === 'batch' ? [one.spans] : one.batches
    await Promise.all(batches.map((spans) => send(project, spans)))
    for (const span of batches.flat()) model.add(span)
    if (one.kind === 'parallel') model.isExact = false
  }
}

async function totalsOf(project: string): Promise<Expected> {
  const answer = await fetch(`${server.url}/api/v1/ledger?project=${project}`)
  const { totals, items } = (await answer.json()) as Ledger
  const rejected = Object.values(totals.rejectedSpans).reduce((sum, count) => sum + count, 0)
  expect(items.reduce((sum, item) => sum + item.receivedSpans, 0)).toBe(totals.receivedSpans)
  return {
    received: totals.receivedSpans,
    stored: totals.storedSpans,
    duplicate: totals.duplicateSpans,
    conflict: totals.conflictSpans,
    rejected,
  }
}

let projects = 0

const CONFLICT_AND_REPEAT: Step[] = [
  { kind: 'batch', spans: [{ id: 12, content: 1, isFaulty: false }] },
  {
    kind: 'batch',
    spans: [
      { id: 12, content: 2, isFaulty: false },
      { id: 12, content: 1, isFaulty: false },
    ],
  },
]

test('received = stored + duplicate + rejected, and stored = a recount, whatever is sent', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 10 }), async (steps) => {
      projects += 1
      const project = `balance-${projects}`
      const model = new Model()
      for (const one of steps) {
        await run(project, one, model)
        const totals = await totalsOf(project)
        const [row] = await database.sql<{ n: number }[]>`
          select count(*) as n from spans where project_id = ${project}`

        expect(totals.received).toBe(totals.stored + totals.duplicate + totals.rejected)
        expect(totals.stored).toBe(row?.n)
        const known = model.isExact ? model.counts : { ...model.counts, conflict: totals.conflict }
        expect(totals).toEqual(known)
      }
    }),
    {
      numRuns: Number(process.env['LEDGER_RUNS'] ?? 8),
      // A copy that equals the stored one is a duplicate, though one that differs comes before it.
      examples: [[CONFLICT_AND_REPEAT]],
    },
  )
}, 120_000)
