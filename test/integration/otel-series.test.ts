import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { MAX_SERIES } from '../../server/otel-metrics/store-points.ts'
import { encodeMetrics } from '../otlp/metrics-proto.ts'
import { startTestServer, type TestServer } from '../support/test-server.ts'

const MINUTE_MS = 60_000
/** A whole minute, some minutes ago. */
const T0 = Math.floor(Date.now() / MINUTE_MS) * MINUTE_MS - 20 * MINUTE_MS

let server: TestServer
beforeAll(async () => {
  server = await startTestServer()
})
afterAll(async () => {
  await server[Symbol.asyncDispose]()
})

type Answer = { status: number; body: Record<string, unknown> }

async function send(metrics: unknown[], project: string): Promise<Answer> {
  const request = { resourceMetrics: [{ resource: RESOURCE, scopeMetrics: [{ metrics }] }] }
  const answer = await fetch(`${server.url}/v1/metrics`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-protobuf', 'x-sightline-project': project },
    body: new Uint8Array(encodeMetrics(request)),
  })
  return { status: answer.status, body: { bytes: await answer.text() } }
}

async function sendJson(metrics: unknown[], project: string): Promise<Record<string, unknown>> {
  const request = { resourceMetrics: [{ resource: RESOURCE, scopeMetrics: [{ metrics }] }] }
  const answer = await fetch(`${server.url}/v1/metrics`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-sightline-project': project },
    body: JSON.stringify(request),
  })
  expect(answer.status).toBe(200)
  return (await answer.json()) as Record<string, unknown>
}

const RESOURCE = { attributes: [text('service.name', 'vllm-7b')] }

function text(key: string, stringValue: string) {
  return { key, value: { stringValue } }
}

function nanos(ms: number): string {
  return `${Math.round(ms)}000000`
}

type Series = { group: Record<string, string>; points: { t: number; value: number; n: number }[] }

async function read(metric: string, project: string, more = '') {
  const range = `from=${T0}&to=${T0 + 10 * MINUTE_MS}&step=5m`
  const answer = await fetch(
    `${server.url}/api/v1/metrics?metric=${metric}&project=${project}&${range}${more}`,
  )
  return { status: answer.status, ...((await answer.json()) as { unit: string; series: Series[] }) }
}

function gauge(points: [number, number, string][]) {
  return {
    name: 'vllm:num_requests_running',
    unit: '',
    gauge: {
      dataPoints: points.map(([minute, asDouble, model]) => ({
        timeUnixNano: nanos(T0 + minute * MINUTE_MS),
        asDouble,
        attributes: [text('model_name', model)],
      })),
    },
  }
}

describe('series of model servers', () => {
  test('a gauge is the mean of the last values of its series', async () => {
    const metric = gauge([
      [0, 1, 'a'],
      [1, 3, 'a'],
      [1, 5, 'b'],
      [6, 8, 'b'],
    ])

    await send([metric], 'gauge')

    const whole = await read('otel.vllm:num_requests_running', 'gauge')
    expect(whole.unit).toBe('1')
    expect(whole.series[0]?.points).toMatchObject([
      { t: T0, value: 4, n: 3 },
      { t: T0 + 5 * MINUTE_MS, value: 8, n: 1 },
    ])
    const grouped = await read('otel.vllm:num_requests_running', 'gauge', '&groupBy=model_name')
    expect(
      grouped.series.map(({ group, points }) => [group['model_name'], points[0]?.value]),
    ).toEqual(
      expect.arrayContaining([
        ['a', 3],
        ['b', 5],
      ]),
    )
    const filtered = await read(
      'otel.vllm:num_requests_running',
      'gauge',
      '&f=attr.model_name:eq:a&f=service:eq:vllm-7b',
    )
    expect(filtered.series[0]?.points).toMatchObject([{ value: 3 }])
  })

  test('a cumulative counter gives its increase, over a restart too', async () => {
    const point = (minute: number, asInt: number, startMinute: number) => ({
      startTimeUnixNano: nanos(T0 + startMinute * MINUTE_MS),
      timeUnixNano: nanos(T0 + minute * MINUTE_MS),
      asInt: String(asInt),
    })
    const sum = {
      aggregationTemporality: 2,
      isMonotonic: true,
      dataPoints: [point(0, 10, -2), point(1, 15, -2), point(6, 40, -2), point(8, 7, 7)],
    }

    await send([{ name: 'vllm:generation_tokens_total', unit: '{token}', sum }], 'counter')

    const answer = await read('otel.vllm:generation_tokens_total', 'counter')
    expect(answer.unit).toBe('{token}')
    // 10 since a start 2 minutes before, then 5; then 25 and 7 of the new process.
    expect(answer.series[0]?.points.map(({ value }) => value)).toEqual([15, 32])
  })

  test('a delta histogram gives its quantiles, its mean and its number of values', async () => {
    const histogram = {
      aggregationTemporality: 1,
      dataPoints: [1, 2].map((minute) => ({
        startTimeUnixNano: nanos(T0 + (minute - 1) * MINUTE_MS),
        timeUnixNano: nanos(T0 + minute * MINUTE_MS),
        count: '10',
        sum: 2,
        explicitBounds: [0.1, 0.2, 0.4],
        bucketCounts: ['4', '4', '2', '0'],
      })),
    }

    await send([{ name: 'gen_ai.server.time_to_first_token', unit: 's', histogram }], 'histogram')

    const name = 'otel.gen_ai.server.time_to_first_token'
    const median = await read(name, 'histogram')
    expect(median.unit).toBe('s')
    // 8 of 20 values lie below 0.1, the tenth a quarter into the next 8.
    expect(median.series[0]?.points[0]?.value).toBeCloseTo(0.125, 10)
    expect(median.series[0]?.points[0]?.n).toBe(20)
    expect((await read(`${name}.p95`, 'histogram')).series[0]?.points[0]?.value).toBeCloseTo(
      0.35,
      10,
    )
    expect((await read(`${name}.avg`, 'histogram')).series[0]?.points[0]?.value).toBeCloseTo(
      0.2,
      10,
    )
    expect((await read(`${name}.count`, 'histogram')).series[0]?.points[0]?.value).toBe(20)
  })

  test('an exponential histogram gives the same answer from protobuf and from JSON', async () => {
    const metric = {
      name: 'gen_ai.server.request.duration',
      unit: 's',
      exponentialHistogram: {
        aggregationTemporality: 2,
        dataPoints: [
          {
            startTimeUnixNano: nanos(T0),
            timeUnixNano: nanos(T0 + MINUTE_MS),
            count: '6',
            sum: 9,
            scale: 0,
            zeroCount: '1',
            positive: { offset: -1, bucketCounts: ['1', '2', '2'] },
          },
        ],
      },
    }

    await send([metric], 'exp-protobuf')
    await sendJson([metric], 'exp-json')

    const name = 'otel.gen_ai.server.request.duration'
    const fromProtobuf = await read(name, 'exp-protobuf')
    // 1 zero, 1 up to 1, 2 in (1, 2], 2 in (2, 4]: the third lies in the middle of (1, 2].
    expect(fromProtobuf.series[0]?.points[0]?.value).toBeCloseTo(1.5, 10)
    expect((await read(name, 'exp-json')).series).toEqual(fromProtobuf.series)
  })

  test('points sent again are duplicates and change nothing', async () => {
    const metric = gauge([[0, 1, 'a']])
    await send([metric], 'again')
    await send([metric], 'again')

    const [row] = await server.sql<{ points: number }[]>`
      select count(*)::int as points from otel_points where project_id = 'again'`
    expect(row?.points).toBe(1)
    expect(await ledgerOf('again')).toMatchObject({ received: 2, stored: 1, duplicate: 1 })
  })

  test('other metrics are answered with 200 and told to be not stored', async () => {
    const sum = {
      aggregationTemporality: 1,
      dataPoints: [
        { timeUnixNano: nanos(T0), asInt: '5' },
        { timeUnixNano: nanos(T0), asInt: '6' },
      ],
    }

    const answer = await sendJson(
      [{ name: 'claude_code.token.usage', unit: 'tokens', sum }],
      'other',
    )

    expect(answer).toEqual({
      partialSuccess: {
        rejectedDataPoints: '2',
        errorMessage:
          '2 × metric claude_code.token.usage: not stored (kept are gen_ai.server.* and vllm:*)',
      },
    })
    expect(await ledgerOf('other')).toMatchObject({ received: 2, stored: 0, rejected: 2 })
  })

  test('more series than a project may have are refused, the first ones stay', async () => {
    const points = Array.from({ length: MAX_SERIES + 3 }, (_, at): [number, number, string] => {
      return [0, at, `model-${at}`]
    })

    const answer = await sendJson([gauge(points)], 'crowd')

    expect(answer).toMatchObject({ partialSuccess: { rejectedDataPoints: '3' } })
  })

  test('a series that is not kept is refused with what is', async () => {
    const answer = await read('otel.http.server.duration', 'other')
    expect(answer).toMatchObject({ status: 422 })
  })
})

async function ledgerOf(project: string) {
  const [row] = await server.sql`
    select sum(received)::int as received, sum(stored)::int as stored,
      sum(duplicate)::int as duplicate, sum(rejected)::int as rejected
    from (
      select received, stored, duplicate, rejected from ledger_deltas
      where project_id = ${project} and signal = 'metrics'
      union all
      select received, stored, duplicate, rejected from ledger
      where project_id = ${project} and signal = 'metrics'
    ) counted`
  return row
}
