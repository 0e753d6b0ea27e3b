import { expect } from 'vitest'
import {
  behave,
  messagesOf,
  partsOf,
  plainParams,
  QUESTION,
  SCHEMA,
  textIn,
  TOOLS,
} from './anthropic-setting.ts'
import type { AnthropicSetting } from './anthropic-setting.ts'
import type { MatrixCase } from './matrix-case.ts'
import { shapeOf } from './snapshot.ts'

const BIG_IMAGE = { type: 'base64', media_type: 'image/png', data: 'A'.repeat(8_000) } as const

/** The cases of what is asked and answered. */
export const contentCases: readonly MatrixCase<AnthropicSetting>[] = [
  {
    name: 'temperature-0',
    group: 'measured',
    // The newest client's types no longer name it; it still goes through.
    run: ({ client }) => {
      const params = { ...plainParams(), temperature: 0 }
      return client.messages.create(params)
    },
    expected: {
      usage: 'provider',
      check: ({ attributes }) => expect(attributes['gen_ai.request.temperature']).toBe(0),
    },
  },
  {
    name: 'stop-sequence',
    group: 'more',
    run: ({ client }) => client.messages.create(plainParams({ stop_sequences: ['.'] })),
    expected: {
      usage: 'provider',
      check: ({ attributes }) => {
        expect(attributes['gen_ai.request.stop_sequences']).toEqual(['.'])
        expect(attributes['gen_ai.response.finish_reasons']).toEqual(['stop_sequence'])
      },
    },
  },
  {
    name: 'n-2',
    group: 'more',
    reason: 'Anthropic answers a request with one message; there is no `n`.',
  },
  {
    name: 'tools',
    group: 'measured',
    run: ({ client }) => client.messages.create(plainParams({ tools: TOOLS }), behave('tool')),
    expected: {
      usage: 'provider',
      check: (span) => {
        expect(partsOf(span).at(-1)).toMatchObject({ type: 'tool_call', name: 'look_up_order' })
        expect(span.attributes['gen_ai.tool.definitions']).toContain('look_up_order')
      },
    },
  },
  {
    name: 'tools-parallel',
    group: 'more',
    run: ({ client }) =>
      client.messages.create(plainParams({ tools: TOOLS }), behave('parallel-tools')),
    expected: {
      usage: 'provider',
      check: (span) => {
        const calls = partsOf(span).filter(({ type }) => type === 'tool_call')
        expect(calls).toHaveLength(2)
        expect(new Set(calls.map(({ id }) => id)).size).toBe(2)
      },
    },
  },
  {
    name: 'tool-results',
    group: 'more',
    run: ({ client }) =>
      client.messages.create(
        plainParams({
          messages: [
            { role: 'user', content: QUESTION },
            {
              role: 'assistant',
              content: ['toolu_1', 'toolu_2'].map((id) => {
                return { type: 'tool_use' as const, id, name: 'look_up_order', input: {} }
              }),
            },
            {
              role: 'user',
              content: [
                { type: 'tool_result', tool_use_id: 'toolu_1', content: 'gone', is_error: true },
                {
                  type: 'tool_result',
                  tool_use_id: 'toolu_2',
                  content: [
                    { type: 'text', text: 'The screen:' },
                    { type: 'image', source: BIG_IMAGE },
                  ],
                },
              ],
            },
          ],
        }),
      ),
    expected: {
      usage: 'provider',
      check: (span) =>
        expect(messagesOf(span, 'input')[2]?.parts).toEqual([
          { type: 'tool_call_response', id: 'toolu_1', response: 'gone', is_error: true },
          {
            type: 'tool_call_response',
            id: 'toolu_2',
            response: [
              { type: 'text', content: 'The screen:' },
              {
                type: 'blob',
                modality: 'image',
                mime_type: 'image/png',
                bytes: 6_000,
                sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
              },
            ],
          },
        ]),
    },
  },
  {
    name: 'server-tools',
    group: 'more',
    run: ({ client }) =>
      client.messages.create(
        plainParams({ tools: [{ type: 'web_search_20250305', name: 'web_search' }] }),
      ),
    expected: {
      usage: 'provider',
      check: (span) => {
        const types = partsOf(span).map(({ type }) => type)
        expect(types).toEqual(['server_tool_call', 'server_tool_call_response', 'text'])
        expect(span.attributes).toMatchObject({
          'anthropic.usage.server_tool_use.web_search_requests': 1,
        })
        expect(JSON.stringify(partsOf(span))).not.toContain('encrypted')
      },
    },
  },
  {
    name: 'pause-turn',
    group: 'more',
    run: ({ client }) => client.messages.create(plainParams(), behave('pause-turn')),
    expected: {
      usage: 'provider',
      check: ({ attributes }) =>
        expect(attributes['gen_ai.response.finish_reasons']).toEqual(['pause_turn']),
    },
  },
  {
    name: 'refusal',
    group: 'more',
    run: ({ client }) => client.messages.create(plainParams(), behave('refusal')),
    expected: {
      usage: 'provider',
      check: (span) => {
        expect(span.attributes['gen_ai.response.finish_reasons']).toEqual(['refusal'])
        expect(partsOf(span)).toMatchObject([{ type: 'refusal' }])
      },
    },
  },
  {
    name: 'content-filter',
    group: 'more',
    reason: 'Anthropic has no content filter beside the stop reason `refusal`.',
  },
  {
    name: 'thinking',
    group: 'measured',
    run: ({ client }) =>
      client.messages.create(plainParams({ thinking: { type: 'enabled', budget_tokens: 1_024 } })),
    expected: {
      usage: 'provider',
      check: (span) => {
        expect(partsOf(span).map(({ type }) => type)).toEqual(['reasoning', 'text'])
        expect(span.attributes['gen_ai.usage.reasoning.output_tokens']).toBeGreaterThan(0)
        expect(span.attributes['anthropic.thinking.budget_tokens']).toBe(1_024)
      },
    },
  },
  {
    name: 'thinking-redacted',
    group: 'more',
    run: ({ client }) =>
      client.messages.create(
        plainParams({
          thinking: { type: 'enabled', budget_tokens: 1_024 },
          messages: [{ role: 'user', content: 'TRIGGER_REDACTED_THINKING' }],
        }),
      ),
    expected: {
      usage: 'provider',
      check: (span) =>
        expect(partsOf(span)[0]).toEqual({ type: 'reasoning', content: '[redacted]' }),
    },
  },
  {
    name: 'cache-tokens',
    group: 'measured',
    run: async ({ client }) => {
      const params = plainParams({
        system: [
          {
            type: 'text',
            text: 'A long policy. '.repeat(40),
            cache_control: { type: 'ephemeral', ttl: '1h' },
          },
          {
            type: 'text',
            text: 'More of it. '.repeat(20),
            cache_control: { type: 'ephemeral' },
          },
        ],
      })
      return [await client.messages.create(params), await client.messages.create(params)]
    },
    expected: {
      count: 2,
      usage: 'provider',
      checkAll: (spans, messages: { usage: Record<string, number> }[]) => {
        const seen = spans.map(({ attributes }) => [
          attributes['gen_ai.usage.input_tokens'],
          attributes['gen_ai.usage.cache_write.input_tokens'],
          attributes['gen_ai.usage.cache_read.input_tokens'],
        ])
        const told = messages.map(({ usage }) => {
          const written = usage['cache_creation_input_tokens'] ?? 0
          const read = usage['cache_read_input_tokens'] ?? 0
          return [(usage['input_tokens'] ?? 0) + written + read, written, read]
        })
        expect(seen).toEqual(told)
        expect(seen[0]?.[1]).toBeGreaterThan(0)
        expect(seen[1]?.[2]).toBeGreaterThan(0)
        const [writing] = spans
        expect(
          writing?.attributes['anthropic.usage.cache_creation.ephemeral_1h_input_tokens'],
        ).toBeGreaterThan(0)
        expect(
          writing?.attributes['anthropic.usage.cache_creation.ephemeral_5m_input_tokens'],
        ).toBeGreaterThan(0)
      },
    },
  },
  {
    name: 'multimodal',
    group: 'more',
    run: ({ client }) =>
      client.messages.create(
        plainParams({
          messages: [
            {
              role: 'user',
              content: [
                { type: 'image', source: BIG_IMAGE },
                { type: 'image', source: { type: 'url', url: 'https://shop.example/a.png' } },
                {
                  type: 'document',
                  source: { type: 'text', media_type: 'text/plain', data: 'Our terms.' },
                },
                { type: 'text', text: QUESTION },
              ],
            },
          ],
        }),
      ),
    expected: {
      usage: 'provider',
      check: (span) => {
        const [image, ...others] = messagesOf(span, 'input')[0]?.parts ?? []
        expect(image).toMatchObject({ type: 'blob', modality: 'image', mime_type: 'image/png' })
        expect(JSON.stringify(image)).toContain('sha256')
        expect(JSON.stringify(image).length).toBeLessThan(400)
        expect(others).toEqual([
          { type: 'uri', modality: 'image', uri: 'https://shop.example/a.png' },
          { type: 'text', content: 'Our terms.' },
          { type: 'text', content: QUESTION },
        ])
      },
    },
  },
  {
    name: 'parse',
    group: 'more',
    run: async ({ client }) => {
      const promise = client.messages.parse(
        plainParams({ output_config: { format: { type: 'json_schema', schema: SCHEMA } } }),
      )
      const message = await promise
      return { promise: shapeOf(promise), message, parsed: message.parsed_output }
    },
    expected: {
      usage: 'provider',
      check: (span) => {
        expect(span.attributes['gen_ai.output.type']).toBe('json')
        expect(textIn(span)).toBe('{"city":"a city","days":4}')
      },
    },
  },
  {
    name: 'beta-messages',
    group: 'measured',
    run: ({ client }) =>
      client.beta.messages.create({ ...plainParams(), betas: ['context-management-2025-06-27'] }),
    expected: { usage: 'provider' },
  },
]
