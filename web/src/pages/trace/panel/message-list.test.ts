import type { Span } from '@sightline/server/contract'
import { expect, test } from 'vitest'
import { messagesOf } from './message-list.ts'

const SPAN = {
  systemInstructions: null,
  inputMessages: [],
  outputMessages: [],
  tool: null,
  promptName: null,
  promptVersion: null,
  countsTokens: true,
  inputTokens: 900,
  outputTokens: 118,
} as unknown as Span

const text = (content: string) => ({ type: 'text' as const, content })

test('a conversation is listed in order, with the prompt at the system text', () => {
  const views = messagesOf({
    ...SPAN,
    promptName: 'support-answer',
    promptVersion: '14',
    inputMessages: [
      { role: 'system', parts: [text('Be kind.')] },
      { role: 'user', parts: [text('Hello')] },
    ],
    outputMessages: [{ role: 'assistant', parts: [text('Hi')], finishReason: 'stop' }],
  })

  expect(
    views.map(({ label, name, tokens, finishReason }) => [label, name, tokens, finishReason]),
  ).toEqual([
    ['system', 'support-answer v14', null, null],
    ['user', null, null, null],
    ['assistant', null, 118, 'stop'],
  ])
})

test('a tool result is named by the call it answers', () => {
  const views = messagesOf({
    ...SPAN,
    inputMessages: [
      {
        role: 'assistant',
        parts: [{ type: 'tool_call', id: 'call_1', name: 'search_kb', arguments: {} }],
      },
      { role: 'user', parts: [{ type: 'tool_call_response', id: 'call_1', response: [] }] },
    ],
  })

  expect(views[1]).toMatchObject({ role: 'tool', label: 'tool result', name: 'search_kb' })
})

test('tokens are given only where they are the message alone, and the span counts them', () => {
  const one = { ...SPAN, inputMessages: [{ role: 'user', parts: [text('Hello')] }] }

  expect(messagesOf(one)[0]?.tokens).toBe(900)
  expect(messagesOf({ ...one, systemInstructions: 'Be kind.' })[1]?.tokens).toBeNull()
  expect(messagesOf({ ...one, countsTokens: false })[0]?.tokens).toBeNull()
})

test("a tool's own span shows its arguments and its result", () => {
  const tool = { name: 'lookup', callId: null, arguments: { order: 1 }, result: { lamps: 1 } }

  expect(messagesOf({ ...SPAN, tool }).map(({ label, name }) => [label, name])).toEqual([
    ['arguments', 'lookup'],
    ['result', 'lookup'],
  ])
  expect(messagesOf({ ...SPAN, tool: { ...tool, result: null } })).toHaveLength(1)
})
