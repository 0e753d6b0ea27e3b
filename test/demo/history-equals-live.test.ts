import { init, shutdown, wrap } from '@sightline/sdk'
import { SCHEMA_URL, SCOPE_NAME, SDK_VERSION } from '@sightline/sdk/attributes'
import OpenAI from 'openai'
import { describe, expect, test } from 'vitest'
import { NO_FAILURES } from '../simulator/behaviour.ts'
import { effectAt } from '../simulator/scenario.ts'
import { startSimulator } from '../simulator/start-simulator.ts'
import { decodeSpans, startOtlpReceiver } from '../support/otlp-receiver.ts'
import { answerTicket } from './answer-ticket.ts'
import { encodeTraces } from './encode-traces.ts'
import { handleTicket } from './handle-ticket.ts'
import { createKnowledgeBase } from './knowledge-base.ts'
import { appResource, CURRENT_RELEASE, ENVIRONMENT, SERVICE } from './support-app.ts'
import { ticketSpans } from './ticket-spans.ts'
import { createTraffic } from './traffic.ts'
import type { FailureRates } from '../simulator/behaviour.ts'
import type { ReceivedSpan } from '../support/otlp-receiver.ts'
import type { Exchange } from './chat-requests.ts'
import type { HandledTicket } from './handle-ticket.ts'

const SEED = 3
const ORIGIN = Date.UTC(2026, 2, 4, 9)
const STEADY = effectAt([], ORIGIN)
const TIME_ATTRIBUTE = 'gen_ai.response.time_to_first_chunk'

const knowledgeBase = createKnowledgeBase(SEED)
const traffic = createTraffic({ seed: SEED, requestsPerMinute: 20, origin: ORIGIN })
const tickets = traffic.list(ORIGIN, ORIGIN + 3_600_000)
const EARLIER: Exchange[] = [
  { question: '¿Dónde está mi pedido?', answer: 'Sale "mañana". 🙂\nGracias por tu paciencia.' },
]

type Case = {
  name: string
  fits: (handled: HandledTicket) => boolean
  failureRates?: FailureRates
  earlier?: Exchange[]
}

const CASES: Case[] = [
  { name: 'an order look-up by a reasoning model', fits: usesTool('lookup_order', 'gpt-5-mini') },
  { name: 'a search by a model with a temperature', fits: usesTool('search_kb', 'gpt-4o-mini') },
  {
    name: 'a follow-up question in a session',
    fits: usesTool('lookup_order', 'gpt-4.1-mini'),
    earlier: EARLIER,
  },
  {
    name: 'a tool call without a preamble',
    fits: ({ plan }) => plan.call.choices[0]?.content === null,
  },
  { name: 'a tool that fails', fits: ({ ticket }) => ticket.toolFails },
  {
    name: 'a rate limit',
    fits: ({ plan }) => plan.failure?.statusCode === 429,
    failureRates: { ...NO_FAILURES, rateLimited: 1 },
  },
  {
    name: 'a server error in the second call',
    fits: ({ answer }) => answer?.failure?.statusCode === 500,
    failureRates: { ...NO_FAILURES, serverError: 0.5 },
  },
  {
    name: 'a provider that never answers',
    fits: ({ plan }) => plan.call.behaviour === 'timeout',
    failureRates: { ...NO_FAILURES, timeout: 1 },
  },
  {
    name: 'a plain answer that breaks off',
    fits: ({ plan }) => plan.call.behaviour === 'break',
    failureRates: { ...NO_FAILURES, broken: 1 },
  },
  {
    name: 'a stream that breaks off',
    fits: ({ answer }) => answer?.call.behaviour === 'break',
    failureRates: { ...NO_FAILURES, broken: 0.5 },
  },
]

describe('history carries the spans that the SDK sends for the same request', () => {
  test.for(CASES)('$name', async ({ fits, failureRates = NO_FAILURES, earlier = [] }) => {
    const context = { seed: SEED, failureRates, knowledgeBase, effect: STEADY, earlier }
    const handled = tickets.map((ticket) => handleTicket(ticket, context)).find(fits)
    if (handled === undefined) throw new Error('no ticket of this hour fits the case')

    const live = await liveSpans(handled, { failureRates, earlier })
    const written = writtenSpans(handled, live.baseUrl)

    expect(written.map(comparable)).toEqual(live.spans.map(comparable))
    expect(written.map(timed)).toEqual(live.spans.map(timed))
    expect(written.map(timing).every(isOrdered)).toBe(true)
  })
})

async function liveSpans(
  { ticket, plan }: HandledTicket,
  { failureRates, earlier }: { failureRates: FailureRates; earlier: Exchange[] },
): Promise<{ spans: ReceivedSpan[]; baseUrl: string }> {
  await using receiver = await startOtlpReceiver()
  await using simulator = await startSimulator({ seed: SEED, speed: 0, failureRates })
  const baseUrl = `${simulator.url}/v1`
  const options = {
    endpoint: receiver.url,
    service: SERVICE,
    environment: ENVIRONMENT,
    release: CURRENT_RELEASE,
  }
  init(options)
  // Short only where the provider hangs on purpose: a busy machine is slow, not hanging.
  const timeout = plan.call.behaviour === 'timeout' ? 200 : 15_000
  const client = wrap(new OpenAI({ apiKey: 'simulated', baseURL: baseUrl, maxRetries: 0, timeout }))
  await answerTicket({ client, knowledgeBase, speed: 0 }, ticket, { effect: STEADY, earlier })
  await shutdown()
  return { spans: byName(receiver.spans), baseUrl }
}

function writtenSpans(handled: HandledTicket, baseUrl: string): ReceivedSpan[] {
  const spans = ticketSpans(handled, { seed: SEED, baseUrl })
  const resource = appResource(CURRENT_RELEASE, 'instance')
  const scope = { name: SCOPE_NAME, version: SDK_VERSION, schemaUrl: SCHEMA_URL }
  return byName(decodeSpans(encodeTraces({ resource, scope, spans })))
}

function byName(spans: readonly ReceivedSpan[]): ReceivedSpan[] {
  return spans.toSorted((a, b) => orderKey(a).localeCompare(orderKey(b)))
}

function orderKey({ name, attributes }: ReceivedSpan): string {
  return `${name} ${attributes['gen_ai.request.stream'] === true}`
}

/** All of a span but ids and times. */
function comparable(span: ReceivedSpan) {
  const { [TIME_ATTRIBUTE]: _time, ...attributes } = span.attributes
  const { 'sightline.sdk.instance': _instance, ...resource } = span.resource
  const { name, kind, events, statusCode, statusMessage, scope } = span
  const isRoot = span.parentSpanId === ''
  return { name, kind, isRoot, events, statusCode, statusMessage, scope, resource, attributes }
}

function timed({ name, attributes, resource }: ReceivedSpan) {
  return {
    name,
    timeToFirstChunk: typeof attributes[TIME_ATTRIBUTE],
    instance: typeof resource['sightline.sdk.instance'],
  }
}

function timing({ startMs, endMs, attributes }: ReceivedSpan) {
  const firstChunkS = attributes[TIME_ATTRIBUTE]
  return { startMs, endMs, ttftMs: typeof firstChunkS === 'number' ? firstChunkS * 1_000 : 0 }
}

function isOrdered({ startMs, endMs, ttftMs }: ReturnType<typeof timing>): boolean {
  return startMs + ttftMs <= endMs + 1
}

function usesTool(tool: string, model: string) {
  return (handled: HandledTicket) =>
    handled.tool?.name === tool &&
    handled.ticket.model === model &&
    handled.tool.result !== undefined
}
