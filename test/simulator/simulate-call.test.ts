import { describe, expect, test } from 'vitest'
import { NO_FAILURES, USUAL_FAILURES } from './behaviour.ts'
import { supportPrompts } from './prompts.ts'
import { simulateCall } from './simulate-call.ts'
import { countTokens } from './tokens.ts'
import type { SimulatedCall } from './simulate-call.ts'
import type { ChatRequest, ToolDefinition } from './wire.ts'

const OK = { seed: 5, failureRates: NO_FAILURES, index: 0 }

const manyCalls = (model: string, options = OK) =>
  supportPrompts(5).flatMap(({ text }) =>
    [0, 1, 2, 3].map((index) => simulateCall(ask(text, model), { ...options, index })),
  )

describe('a simulated call', () => {
  test('depends on seed, request and index alone', () => {
    const request = ask('Where is SL-12345?')

    const call = simulateCall(request, OK)

    expect(simulateCall(request, OK)).toEqual(call)
    expect(simulateCall({ ...request, stream: true }, OK)).toEqual(call)
    expect(simulateCall(request, { ...OK, seed: 6 }).id).not.toBe(call.id)
    expect(simulateCall(request, { ...OK, index: 1 }).id).not.toBe(call.id)
    expect(simulateCall(ask('Where is SL-12346?'), OK).id).not.toBe(call.id)
  })

  test('the first token takes a log-normal time around the median of its model', () => {
    const times = manyCalls('gpt-4.1-mini').map(({ ttftMs }) => ttftMs)

    const logs = times.map(Math.log)
    expect(Math.exp(mean(logs))).toBeCloseTo(430, -1.5)
    expect(deviation(logs)).toBeCloseTo(0.45, 1)
    expect(Math.abs(skewness(logs))).toBeLessThan(0.3)
    expect(skewness(times)).toBeGreaterThan(0.8)
  })

  test('a regression multiplies the time to the first token and nothing else', () => {
    const request = ask('Where is SL-12345?')

    const usual = simulateCall(request, OK)
    const slow = simulateCall(request, { ...OK, ttftFactor: 2.5 })

    expect(slow.ttftMs).toBeCloseTo(usual.ttftMs * 2.5)
    expect(slow.durationMs - slow.ttftMs).toBeCloseTo(usual.durationMs - usual.ttftMs)
    expect(slow.choices).toEqual(usual.choices)
  })

  test('output tokens take time: the speed stays near that of the model', () => {
    const speeds = manyCalls('gpt-4.1-mini').map(tokensPerSecond)

    expect(Math.exp(mean(speeds.map(Math.log)))).toBeCloseTo(80, -1)
    expect(Math.min(...speeds)).toBeGreaterThan(35)
    expect(Math.max(...speeds)).toBeLessThan(180)
  })

  test('completion tokens are those of the text, reasoning on top', () => {
    const [plain] = manyCalls('gpt-4o-mini')
    const [reasoned] = manyCalls('gpt-5-mini')

    expect(plain?.usage.reasoningTokens).toBe(0)
    expect(plain?.usage.completionTokens).toBe(countTokens(plain?.choices[0]?.content ?? ''))
    expect(reasoned?.usage.completionTokens).toBe(
      countTokens(reasoned?.choices[0]?.content ?? '') + (reasoned?.usage.reasoningTokens ?? 0),
    )
  })

  test('an order number leads to a look-up of that order', () => {
    const call = simulateCall({ ...ask('Wo ist SL-48213?'), tools: TOOLS }, OK)

    expect(call.choices[0]?.finishReason).toBe('tool_calls')
    expect(call.choices[0]?.toolCalls[0]?.function).toEqual({
      name: 'lookup_order',
      arguments: '{"order_id":"SL-48213"}',
    })
  })

  test('the answer is in the language of the question and quotes its sources', () => {
    const source = `[es-1]\n${'Los envíos tardan dos días. '.repeat(4)}Nada más.`
    const call = simulateCall(ask(`¿Dónde está mi pedido por favor?\n\n${source}`), OK)

    expect(call.choices[0]?.content).toContain('Los envíos tardan dos días.')
  })

  test('a token limit cuts the answer, and the reason says so', () => {
    const call = simulateCall(
      { ...ask('How long is the warranty?'), max_completion_tokens: 20 },
      OK,
    )

    expect(call.choices[0]?.finishReason).toBe('length')
    expect(call.usage.completionTokens).toBeLessThanOrEqual(20)
  })

  test('failures come in about the shares asked for', () => {
    const calls = manyCalls('gpt-4o-mini', { ...OK, failureRates: USUAL_FAILURES })

    const failed = calls.filter(({ behaviour }) => behaviour !== 'ok').length / calls.length
    expect(failed).toBeGreaterThan(0.005)
    expect(failed).toBeLessThan(0.035)
  })
})

const TOOLS: ToolDefinition[] = [
  {
    type: 'function',
    function: {
      name: 'search_kb',
      parameters: { type: 'object', properties: { query: { type: 'string' } } },
    },
  },
  {
    type: 'function',
    function: {
      name: 'lookup_order',
      parameters: { type: 'object', properties: { order_id: { type: 'string' } } },
    },
  },
]

function ask(text: string, model = 'gpt-4.1-mini'): ChatRequest {
  return { model, messages: [{ role: 'user', content: text }] }
}

function tokensPerSecond({ usage, durationMs, ttftMs }: SimulatedCall): number {
  return (1_000 * usage.completionTokens) / (durationMs - ttftMs)
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

function deviation(values: readonly number[]): number {
  const centre = mean(values)
  return Math.sqrt(mean(values.map((value) => (value - centre) ** 2)))
}

function skewness(values: readonly number[]): number {
  const centre = mean(values)
  return mean(values.map((value) => (value - centre) ** 3)) / deviation(values) ** 3
}
