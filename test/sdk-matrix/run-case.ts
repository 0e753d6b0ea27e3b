import { createServer } from 'node:http'
import { setImmediate } from 'node:timers/promises'
import { expect } from 'vitest'
import { NO_FAILURES } from '../simulator/behaviour.ts'
import { startSimulator } from '../simulator/start-simulator.ts'
import { startOtlpReceiver } from '../support/otlp-receiver.ts'
import type { ReceivedSpan } from '../support/otlp-receiver.ts'
import type { Base, ExpectedSpans, MatrixClient, ProviderMatrix, RunCase } from './matrix-case.ts'
import { meterFetch } from './meter-fetch.ts'
import { importSdk, NO_SDK } from './packed-sdk.ts'
import type { Mode } from './packed-sdk.ts'
import { snapshot } from './snapshot.ts'

/** What one run showed: to the application, to the provider, and to the process. */
export type Observation = {
  /** What `run` answered, as it is. */
  readonly outcome: unknown
  /** The same, the requests and the unhandled rejections, as data to compare. */
  readonly seen: { outcome: unknown; requests: unknown; unhandledRejections: unknown }
}

type Task<S> = {
  readonly matrix: ProviderMatrix<S>
  readonly client: MatrixClient<S>
  readonly runCase: RunCase<S>
}

type Recording = Pick<Base, 'sdk' | 'prepare' | 'isWrapped'>

/** The case without the SDK. */
export async function runBare<S>(task: Task<S>): Promise<Observation> {
  return observeRun(task, { sdk: NO_SDK, prepare: (client) => client, isWrapped: false })
}

/** The case with the SDK from the tarball, and the spans that arrived. */
export async function runWrapped<S>(
  task: Task<S>,
  mode: Mode,
): Promise<Observation & { readonly spans: readonly ReceivedSpan[] }> {
  const sdk = await importSdk(mode)
  await using receiver = await startOtlpReceiver()
  sdk.init({ endpoint: receiver.url, service: 'matrix', release: '1.0.0', environment: 'test' })
  // The simulator must still stand when what nobody reads is ended by shutting down.
  const observation = await observeRun(
    task,
    { sdk, prepare: sdk.wrap, isWrapped: true },
    async () => {
      await sdk.shutdown()
    },
  )
  return { ...observation, spans: [...receiver.spans] }
}

export async function observeRun<S>(
  { matrix, client, runCase }: Task<S>,
  recording: Recording,
  finish: () => Promise<void> = async () => undefined,
): Promise<Observation> {
  await using simulator = await startSimulator({ seed: 7, speed: 0, failureRates: NO_FAILURES })
  await using held = await matrix.startHeld()
  const deadUrl = await closedUrl()
  using rejections = watchRejections()
  using meter = meterFetch([simulator.url, held.url, deadUrl], matrix.randomHeaders)
  try {
    const setting = client.open({ url: simulator.url, deadUrl, held, ...recording })
    const outcome = await runCase.run(setting)
    await settle()
    const seen = {
      outcome: snapshot(outcome),
      requests: snapshot(meter.requests),
      unhandledRejections: snapshot(rejections.errors),
    }
    return { outcome, seen }
  } finally {
    await finish()
  }
}

async function closedUrl(): Promise<string> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  if (address === null || typeof address === 'string') throw new Error('no port could be opened')
  return `http://127.0.0.1:${address.port}`
}

/** Takes the place of vitest's listeners: a case may leave a rejection unhandled, bare as well. */
function watchRejections(): Disposable & { readonly errors: unknown[] } {
  const errors: unknown[] = []
  const others = process.rawListeners('unhandledRejection')
  process.removeAllListeners('unhandledRejection')
  process.on('unhandledRejection', (error) => errors.push(error))
  return {
    errors,
    [Symbol.dispose]: () => {
      process.removeAllListeners('unhandledRejection')
      for (const listener of others) {
        process.on('unhandledRejection', listener as NodeJS.UnhandledRejectionListener)
      }
    },
  }
}

/** Lets everything that is ready run, without waiting for any time to pass. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await setImmediate()
}

/** Spans of calls to a model; others are those of observed functions. */
export function isCall({ attributes }: ReceivedSpan): boolean {
  return attributes['gen_ai.provider.name'] !== undefined
}

/** Exactly the expected spans, each with its true state, usage and error. */
export function checkSpans(
  spans: readonly ReceivedSpan[],
  expected: ExpectedSpans,
  outcome: unknown,
): void {
  const calls = spans.filter(isCall)
  const counts = { calls: calls.length, others: spans.length - calls.length }
  expect(counts).toEqual({ calls: expected.count ?? 1, others: expected.others ?? 0 })
  for (const span of calls) {
    checkEnd(span, expected)
    expected.check?.(span, outcome as never)
  }
  expected.checkAll?.(spans, outcome as never)
}

function checkEnd(span: ReceivedSpan, { state, errorType, usage }: ExpectedSpans): void {
  const { attributes } = span
  expect({
    state: attributes['sightline.stream.state'],
    errorType: attributes['error.type'],
    status: span.statusCode,
  }).toEqual({ state, errorType, status: errorType === undefined ? 0 : 2 })
  if (usage === 'provider') expect(attributes['gen_ai.usage.input_tokens']).toBeGreaterThan(0)
  else expect(attributes['gen_ai.usage.input_tokens']).toBeUndefined()
  if (usage !== undefined) expect(attributes['sightline.usage.source']).toBe(usage)
  expect(span.endMs).toBeGreaterThanOrEqual(span.startMs)
}
