import { expect } from 'vitest'
import type { MatrixCase } from './matrix-case.ts'
import { answerOf, behave, OPENAI_6, QUESTION } from './openai-setting.ts'
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

/** The Responses interface beyond what the rivals were measured by. */
export const moreResponsesCases: readonly MatrixCase<OpenAISetting>[] = [
  {
    name: 'responses-conversation',
    group: 'more',
    run: async ({ client }) =>
      await client.responses.create({
        model: 'gpt-5-mini',
        instructions: 'Be brief.',
        previous_response_id: 'resp_before',
        conversation: { id: 'conv_1' },
        reasoning: { effort: 'low', summary: 'auto' },
        max_output_tokens: 4_000,
        temperature: 0,
        tools: [TOOL, { type: 'web_search' }],
        input: [
          { role: 'user', content: 'Where is order 1042?' },
          { type: 'reasoning', id: 'rs_1', summary: [{ type: 'summary_text', text: 'Look.' }] },
          {
            type: 'function_call',
            call_id: 'call_1',
            name: 'look_up_order',
            arguments: '{"id":1}',
          },
          { type: 'function_call_output', call_id: 'call_1', output: '{"found":true}' },
        ],
      }),
    expected: {
      usage: 'provider',
      check: (span) => {
        expect(span.attributes).toMatchObject({
          'session.id': 'conv_1',
          'gen_ai.conversation.id': 'conv_1',
          'gen_ai.request.previous_response.id': 'resp_before',
          'gen_ai.request.reasoning.level': 'low',
          'gen_ai.request.max_tokens': 4_000,
          'gen_ai.request.temperature': 0,
          'gen_ai.system_instructions': '[{"type":"text","content":"Be brief."}]',
        })
        expect(JSON.parse(String(span.attributes['gen_ai.input.messages']))).toEqual([
          { role: 'user', parts: [{ type: 'text', content: 'Where is order 1042?' }] },
          { role: 'assistant', parts: [{ type: 'reasoning', content: 'Look.' }] },
          {
            role: 'assistant',
            parts: [
              { type: 'tool_call', id: 'call_1', name: 'look_up_order', arguments: { id: 1 } },
            ],
          },
          {
            role: 'tool',
            parts: [{ type: 'tool_call_response', id: 'call_1', response: { found: true } }],
          },
        ])
        expect(answerOf(span)).toMatchObject([
          { parts: [{ type: 'reasoning' }, { type: 'text' }], finish_reason: 'stop' },
        ])
        expect(span.attributes['gen_ai.tool.definitions']).toContain('web_search')
      },
    },
  },
  {
    name: 'responses-multimodal-input',
    group: 'more',
    run: async ({ client }) =>
      await client.responses.create({
        model: 'gpt-5-mini',
        input: [
          {
            role: 'user',
            content: [
              { type: 'input_text', text: 'What is this?' },
              { type: 'input_image', image_url: 'https://example.com/1.png', detail: 'auto' },
              { type: 'input_file', file_id: 'file-1' },
            ],
          },
        ],
      }),
    expected: {
      usage: 'provider',
      check: ({ attributes }) =>
        expect(JSON.parse(String(attributes['gen_ai.input.messages']))).toEqual([
          {
            role: 'user',
            parts: [
              { type: 'text', content: 'What is this?' },
              { type: 'uri', modality: 'image', uri: 'https://example.com/1.png' },
              { type: 'file', modality: 'document', file_id: 'file-1' },
            ],
          },
        ]),
    },
  },
  {
    name: 'responses-tools-parallel-stream',
    group: 'more',
    run: async ({ client }) =>
      await readAll(
        await client.responses.create({ ...STREAMED, tools: [TOOL] }, behave('parallel-tools')),
      ),
    expected: {
      state: 'complete',
      usage: 'provider',
      check: (span) =>
        expect(JSON.stringify(answerOf(span)).match(/"type":"tool_call"/g)).toHaveLength(2),
    },
  },
  {
    name: 'responses-tool-cut-off',
    group: 'more',
    run: async ({ client }) =>
      await readToFailure(
        await client.responses.create(
          { ...STREAMED, tools: [TOOL], reasoning: { summary: 'auto' } },
          { headers: { 'x-sim-behaviour': 'break' } },
        ),
      ),
    expected: {
      state: 'error',
      errorType: 'TypeError',
      check: (span) => {
        expect(span.attributes['gen_ai.response.id']).toMatch(/^resp_/)
        expect(answerOf(span)).toMatchObject([{ parts: [{ type: 'reasoning' }, {}] }])
      },
    },
  },
  {
    name: 'responses-failed-plain',
    group: 'more',
    run: async ({ client }) => await client.responses.create(PARAMS, behave('response-failed')),
    expected: {
      errorType: 'server_error',
      check: ({ attributes }) =>
        expect(attributes['gen_ai.response.finish_reasons']).toEqual(['error']),
    },
  },
  {
    name: 'responses-incomplete',
    group: 'more',
    run: async ({ client }) =>
      await readAll(await client.responses.create(STREAMED, behave('length'))),
    expected: {
      state: 'complete',
      usage: 'provider',
      check: ({ attributes }) =>
        expect(attributes['gen_ai.response.finish_reasons']).toEqual(['length']),
    },
  },
  {
    name: 'responses-content-filter',
    group: 'more',
    run: async ({ client }) => await client.responses.create(PARAMS, behave('content-filter')),
    expected: {
      usage: 'provider',
      check: ({ attributes }) =>
        expect(attributes['gen_ai.response.finish_reasons']).toEqual(['content_filter']),
    },
  },
  {
    name: 'responses-error-mid-stream',
    group: 'more',
    run: async ({ client }) =>
      await readToFailure(await client.responses.create(STREAMED, behave('error-event'))),
    expected: {
      state: 'error',
      errorType: 'APIError',
      check: (span) => expect(span.attributes['gen_ai.output.messages']).toContain('"type":"text"'),
    },
    // There the event is handed out like any other, and the stream ends.
    expectedOn: { [OPENAI_6]: { state: 'complete', errorType: 'server_error' } },
  },
  {
    name: 'responses-refusal-stream',
    group: 'more',
    run: async ({ client }) =>
      await readAll(await client.responses.create(STREAMED, behave('refusal'))),
    expected: {
      state: 'complete',
      usage: 'provider',
      check: (span) => expect(answerOf(span)).toMatchObject([{ parts: [{ type: 'refusal' }] }]),
    },
  },
  {
    name: 'responses-never-read',
    group: 'more',
    run: async ({ heldClient }) => shapeOf(await heldClient.responses.create(STREAMED)),
    expected: { state: 'unread' },
  },
  {
    name: 'responses-aborted',
    group: 'more',
    run: async ({ heldClient, held }) => {
      const stream = await heldClient.responses.create(STREAMED)
      const events: unknown[] = []
      for await (const event of stream) {
        events.push(event)
        if (events.length === 6) stream.controller.abort()
      }
      await held.closed()
      return events
    },
    expected: { state: 'aborted' },
  },
  {
    name: 'responses-asResponse',
    group: 'more',
    run: async ({ client }) => {
      const response = await client.responses.create(PARAMS).asResponse()
      return [response, await response.text()]
    },
    expected: { state: 'unread' },
  },
  {
    name: 'responses-parse-structured',
    group: 'more',
    run: async ({ client }) => {
      const format = { type: 'json_schema', name: 'answer', schema: { type: 'object' } } as const
      return await client.responses.parse({ ...PARAMS, text: { format } })
    },
    expected: {
      usage: 'provider',
      check: ({ attributes }) => expect(attributes['gen_ai.output.type']).toBe('json'),
    },
  },
  {
    name: 'responses-stream-helper-abort',
    group: 'more',
    run: async ({ heldClient, held }) => {
      const runner = heldClient.responses.stream(PARAMS)
      let seen = 0
      runner.on('response.output_text.delta', () => {
        seen += 1
        if (seen === 2) runner.abort()
      })
      const outcome = await failureOf(runner.done())
      await held.closed()
      return [outcome, seen]
    },
    expected: { state: 'aborted' },
  },
  {
    name: 'responses-retrieve',
    group: 'more',
    run: async ({ client }) => await client.responses.retrieve('resp_1'),
    // Reading what is stored is no call to a model: its tokens were counted when it was made.
    expected: { count: 0 },
  },
  {
    name: 'responses-retrieve-stream',
    group: 'more',
    run: async ({ client }) =>
      await readAll(await client.responses.retrieve('resp_1', { stream: true })),
    expected: { state: 'complete', usage: 'provider' },
  },
  {
    name: 'beta-responses',
    group: 'more',
    run: async ({ client }) => {
      const { responses } = client.beta as unknown as { responses: typeof client.responses }
      const promise = responses.create(PARAMS)
      return [shapeOf(promise), await promise]
    },
    expected: { usage: 'provider' },
  },
]
