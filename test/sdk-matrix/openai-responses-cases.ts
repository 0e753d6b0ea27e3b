import type OpenAI from 'openai'
import { expect } from 'vitest'
import type { MatrixCase } from './matrix-case.ts'
import { answerOf, behave, QUESTION } from './openai-setting.ts'
import type { OpenAISetting } from './openai-setting.ts'
import { readToFailure } from './openai-stream-cases.ts'
import { failureOf, readAll, shapeOf } from './snapshot.ts'

const PARAMS = { model: 'gpt-5-mini', input: QUESTION }
const STREAMED = { ...PARAMS, stream: true } as const

const TOOL = {
  type: 'function',
  name: 'look_up_order',
  description: 'Finds an order',
  parameters: { type: 'object', properties: { id: { type: 'string' } } },
  strict: false,
} as const

/** The Responses interface, as the rivals were measured by. */
export const responsesCases: readonly MatrixCase<OpenAISetting>[] = [
  {
    name: 'responses-plain',
    group: 'measured',
    run: async ({ client }) => {
      const promise = client.responses.create(PARAMS)
      return [shapeOf(promise), await promise]
    },
    expected: {
      usage: 'provider',
      check: (span) => {
        expect(span.name).toBe('chat gpt-5-mini')
        expect(span.attributes).toMatchObject({
          'openai.api.type': 'responses',
          'gen_ai.response.finish_reasons': ['stop'],
          'gen_ai.usage.reasoning.output_tokens': expect.any(Number),
          'gen_ai.usage.cache_read.input_tokens': expect.any(Number),
        })
        expect(answerOf(span)).toMatchObject([{ role: 'assistant', parts: [{ type: 'text' }] }])
      },
    },
  },
  {
    name: 'responses-stream',
    group: 'measured',
    run: async ({ client }) => {
      const stream = await client.responses.create(STREAMED)
      return [shapeOf(stream), await readAll(stream)]
    },
    expected: {
      state: 'complete',
      usage: 'provider',
      check: (span) => {
        expect(span.attributes['gen_ai.response.time_to_first_chunk']).toBeGreaterThan(0)
        expect(answerOf(span)).toMatchObject([
          { role: 'assistant', parts: [{ type: 'text' }], finish_reason: 'stop' },
        ])
      },
    },
  },
  {
    name: 'responses-broken-off',
    group: 'measured',
    run: async ({ heldClient, held }) => {
      const events = await readAll(await heldClient.responses.create(STREAMED), 5)
      await held.closed()
      return events
    },
    expected: {
      state: 'abandoned',
      check: (span) => {
        expect(span.attributes['gen_ai.response.id']).toBe('resp_held')
        expect(answerOf(span)).toEqual([
          { role: 'assistant', parts: [{ type: 'text', content: 'one two' }] },
        ])
      },
    },
  },
  {
    name: 'responses-failed',
    group: 'measured',
    run: async ({ client }) =>
      await readToFailure(await client.responses.create(STREAMED, behave('response-failed'))),
    expected: {
      state: 'complete',
      errorType: 'server_error',
      check: ({ statusMessage }) =>
        expect(statusMessage).toBe('The model failed on this response.'),
    },
  },
  {
    name: 'responses-tool',
    group: 'measured',
    run: async ({ client }) =>
      await client.responses.create({ ...PARAMS, tools: [TOOL] }, behave('tool')),
    expected: {
      usage: 'provider',
      check: (span, response: OpenAI.Responses.Response) => {
        const call = response.output.find(({ type }) => type === 'function_call')
        expect(JSON.stringify(answerOf(span))).toContain((call as { call_id: string }).call_id)
        expect(span.attributes['gen_ai.response.finish_reasons']).toEqual(['tool_calls'])
        const { type, name, description, parameters } = TOOL
        expect(span.attributes['gen_ai.tool.definitions']).toBe(
          JSON.stringify([{ type, name, description, parameters }]),
        )
      },
    },
  },
  {
    name: 'responses-parse',
    group: 'measured',
    run: async ({ client }) => {
      const format = { type: 'json_schema', name: 'answer', schema: { type: 'object' } } as const
      const promise = client.responses.parse({ ...PARAMS, text: { format } }, behave('refusal'))
      return [shapeOf(promise), await promise]
    },
    expected: {
      usage: 'provider',
      check: (span) => {
        expect(span.attributes['gen_ai.output.type']).toBe('json')
        expect(answerOf(span)).toMatchObject([{ parts: [{ type: 'refusal' }] }])
      },
    },
  },
  {
    name: 'responses-stream-helper',
    group: 'measured',
    run: async ({ client }) => {
      const runner = client.responses.stream(PARAMS)
      const events: unknown[] = []
      runner.on('response.output_text.delta', ({ delta, snapshot }) =>
        events.push([delta, snapshot.length]),
      )
      runner.on('end', () => events.push('end'))
      const response = await runner.finalResponse()
      return { runner: shapeOf(runner), events, response }
    },
    expected: { state: 'complete', usage: 'provider' },
  },
  {
    name: 'responses-withResponse',
    group: 'measured',
    run: async ({ client }) => await client.responses.create(PARAMS).withResponse(),
    expected: { usage: 'provider' },
  },
  {
    name: 'responses-error',
    group: 'measured',
    run: async ({ client }) => await failureOf(client.responses.create(PARAMS, behave('429'))),
    expected: { errorType: '429' },
  },
]
