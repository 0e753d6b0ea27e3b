import { describe, expect, test } from 'vitest'
import { NO_FAILURES, USUAL_FAILURES } from '../simulator/behaviour.ts'
import { startOtlpReceiver } from '../support/otlp-receiver.ts'
import { parseOptions } from './parse-options.ts'
import { runDemo } from './run-demo.ts'
import type { FailureRates } from '../simulator/behaviour.ts'
import type { ReceivedSpan } from '../support/otlp-receiver.ts'
import type { DemoSummary } from './run-demo.ts'

const MINUTE_MS = 60_000

async function run(
  args: readonly string[],
  failureRates: FailureRates = USUAL_FAILURES,
): Promise<{ summary: DemoSummary; spans: ReceivedSpan[] }> {
  await using receiver = await startOtlpReceiver()
  const options = parseOptions(['--endpoint', receiver.url, '--seed', '4', ...args])
  const hooks = {
    signal: new AbortController().signal,
    log: () => undefined,
    speed: 0,
    failureRates,
  }
  const summary = await runDemo(options, hooks)
  return { summary, spans: receiver.spans }
}

describe('the demo tells what it sent', () => {
  test('history: spans, calls, errors, tokens and the labelled event', async () => {
    const args = ['--backfill', '30m', '--scenario', 'prompt-drift', '--event-at', '10m']

    const { summary, spans } = await run(args)

    const calls = spans.filter(({ name }) => name.startsWith('chat '))
    const failed = calls.filter(({ statusCode }) => statusCode === 2)
    expect(summary).toMatchObject({
      scenario: 'prompt-drift',
      isComplete: true,
      spans: spans.length,
      requests: spans.filter(({ parentSpanId }) => parentSpanId === '').length,
      calls: calls.length,
      errors: failed.length,
    })
    expect(summary.tokens.input).toBe(sumOf(calls, 'gen_ai.usage.input_tokens'))
    expect(summary.tokens.output).toBe(sumOf(calls, 'gen_ai.usage.output_tokens'))
    expect(summary.end - summary.start).toBe(30 * MINUTE_MS)
    expect(summary.incidents).toMatchObject([
      { type: 'prompt-drift', start: summary.end - 10 * MINUTE_MS, end: summary.end },
    ])
    expect(summary.requests / 30).toBeGreaterThan(10)
    expect(summary.requests / 30).toBeLessThan(30)
    expect(spans.every(({ endMs }) => endMs <= summary.end)).toBe(true)
    expect(new Set(spans.map(({ traceId, spanId }) => `${traceId}${spanId}`)).size).toBe(
      spans.length,
    )
  })

  test('an event in live traffic lasts until the run ends', async () => {
    const args = ['--rate', '600', '--duration', '1s', '--scenario', 'latency-regression']

    const { summary } = await run(args, NO_FAILURES)

    const [event] = summary.incidents
    expect(event).toMatchObject({ type: 'latency-regression', end: summary.end })
    expect(event?.start).toBeGreaterThan(summary.start)
    expect(event?.start).toBeLessThan(summary.end)
  })

  test('live traffic through the SDK, its clock shifted', async () => {
    const offsetMs = -300 * MINUTE_MS
    const args = ['--rate', '600', '--duration', '2s', '--clock-offset', String(offsetMs)]

    // A provider that hangs would be waited for.
    const { summary, spans } = await run(args, NO_FAILURES)

    expect(summary.requests).toBeGreaterThan(3)
    expect(summary.spans).toBe(spans.length)
    expect(summary.start).toBeLessThan(Date.now() + offsetMs + 1)
    expect(spans.every(({ startMs }) => Math.abs(startMs - summary.start) < 30_000)).toBe(true)
    expect(summary.tokens.output).toBe(sumOf(spans, 'gen_ai.usage.output_tokens'))
  })
})

function sumOf(spans: readonly ReceivedSpan[], attribute: string): number {
  return spans.reduce((sum, { attributes }) => sum + Number(attributes[attribute] ?? 0), 0)
}
