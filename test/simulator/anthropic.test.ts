import { describe, expect, test } from 'vitest'
import { NO_FAILURES } from './behaviour.ts'
import { startSimulator } from './start-simulator.ts'

const QUIET = { seed: 7, speed: 0, failureRates: NO_FAILURES }

const REQUEST = {
  model: 'claude-sonnet-5-5',
  max_tokens: 1_000,
  messages: [{ role: 'user', content: 'How do I return a parcel?' }],
}

async function post(url: string, body: object, behaviour?: string): Promise<Response> {
  const headers = { 'content-type': 'application/json' }
  return await fetch(url, {
    method: 'POST',
    headers: behaviour === undefined ? headers : { ...headers, 'x-sim-behaviour': behaviour },
    body: JSON.stringify(body),
  })
}

/** A body of another kind is a failure of the test that reads it. */
type Body = {
  content: { type: string; text?: string; input?: unknown }[]
  stop_reason: string
  usage: Record<string, number>
}

type StreamEvent = {
  type: string
  delta?: { text?: string; partial_json?: string; stop_reason?: string }
  usage?: Record<string, number>
}

async function askOnce(body: object, behaviour?: string): Promise<Body> {
  await using simulator = await startSimulator(QUIET)
  return (await (await post(`${simulator.url}/v1/messages`, body, behaviour)).json()) as Body
}

async function streamOnce(body: object, behaviour?: string): Promise<StreamEvent[]> {
  await using simulator = await startSimulator(QUIET)
  const request = { ...body, stream: true }
  const text = await (await post(`${simulator.url}/v1/messages`, request, behaviour)).text()
  return text
    .split('\n')
    .filter((line) => line.startsWith('data: '))
    .map((line) => JSON.parse(line.slice('data: '.length)) as StreamEvent)
}

describe('a message', () => {
  test('is the same for the same request and seed', async () => {
    expect(await askOnce(REQUEST)).toEqual(await askOnce(REQUEST))
  })

  test('says the same streamed as whole', async () => {
    const whole = await askOnce(REQUEST)
    const events = await streamOnce(REQUEST)
    const text = events.map(({ delta }) => delta?.text ?? '').join('')
    const ending = events.find(({ type }) => type === 'message_delta')

    expect(text).toBe(whole.content[0]?.text)
    expect(ending?.delta?.stop_reason).toBe(whole.stop_reason)
    expect(ending?.usage?.['output_tokens']).toBe(whole.usage['output_tokens'])
    expect(events.at(-1)?.type).toBe('message_stop')
  })

  test('calls the tools that the request brings, two of them when it is asked to', async () => {
    const tool = { name: 'look_up', input_schema: { properties: { id: { type: 'string' } } } }
    const { content, stop_reason } = await askOnce({ ...REQUEST, tools: [tool] }, 'parallel-tools')

    expect(stop_reason).toBe('tool_use')
    expect(content.filter(({ type }) => type === 'tool_use')).toHaveLength(2)
  })

  test('that breaks off ends in an error event', async () => {
    const events = await streamOnce(REQUEST, 'error-event')

    expect(events.at(-1)).toMatchObject({ type: 'error', error: { type: 'overloaded_error' } })
  })

  test('fills the schema that it is given', async () => {
    const schema = { type: 'object', properties: { days: { type: 'integer' } } }
    const format = { type: 'json_schema', schema }
    const { content } = await askOnce({ ...REQUEST, output_config: { format } })

    expect(JSON.parse(content[0]?.text ?? '')).toEqual({ days: 4 })
  })
})

test('what is cached is written by the first of equal requests and read by the second', async () => {
  await using simulator = await startSimulator(QUIET)
  const system = [{ type: 'text', text: 'A policy.', cache_control: { type: 'ephemeral' } }]
  const usages = []
  for (let call = 0; call < 2; call++) {
    const answer = await post(`${simulator.url}/v1/messages`, { ...REQUEST, system })
    usages.push(((await answer.json()) as Body).usage)
  }
  const [first, second] = usages

  expect(first?.['cache_creation_input_tokens']).toBeGreaterThan(0)
  expect(second?.['cache_read_input_tokens']).toBe(first?.['cache_creation_input_tokens'])
  expect(second?.['cache_creation_input_tokens']).toBe(0)
})

test.each([
  { body: { ...REQUEST, messages: [] }, status: 400, type: 'invalid_request_error' },
  { body: { model: 'claude-sonnet-5-5' }, status: 400, type: 'invalid_request_error' },
  { body: REQUEST, behaviour: '429', status: 429, type: 'rate_limit_error' },
  { body: REQUEST, behaviour: '500', status: 500, type: 'api_error' },
  { body: REQUEST, behaviour: '529', status: 529, type: 'overloaded_error' },
])('$body asked for $behaviour is a failure: $status', async (failing) => {
  const { body, behaviour, status, type } = failing
  await using simulator = await startSimulator(QUIET)
  const answer = await post(`${simulator.url}/v1/messages`, body, behaviour)

  expect(answer.status).toBe(status)
  expect(answer.headers.get('request-id')).toMatch(/^req_/)
  expect(await answer.json()).toMatchObject({ type: 'error', error: { type } })
})
