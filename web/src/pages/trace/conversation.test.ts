import type { Message, Span } from '@sightline/server/contract'
import { expect, test } from 'vitest'
import { turnsOf } from './conversation.ts'
import { sampleSpan } from './sample-span.ts'

const message = (role: string, content: string): Message => ({
  role,
  parts: [{ type: 'text', content }],
})

function call(spanId: string, input: Message[], output: Message[]): Span {
  return {
    ...sampleSpan(spanId, { type: 'llm' }),
    usageRaw: {},
    temperature: null,
    maxTokens: null,
    tool: null,
    inputMessages: input,
    outputMessages: output,
    systemInstructions: 'be brief',
    toolDefinitions: [],
    attributes: {},
    resource: {},
    events: [],
    links: [],
    mapping: [],
    unmapped: [],
    dialect: 'gen-ai',
    warnings: [],
  }
}

test('history that is sent again is shown once, where it first occurred', () => {
  const asked = message('user', 'where is my lamp?')
  const answered = message('assistant', 'on its way')
  const thanks = message('user', 'thanks')
  const bye = message('assistant', 'bye')

  const turns = turnsOf([
    call('one', [asked], [{ ...answered, finishReason: 'stop' }]),
    call('two', [asked, answered, thanks], [bye]),
  ])

  expect(turns.map(({ system, repeated }) => [system, repeated])).toEqual([
    ['be brief', 0],
    [null, 2],
  ])
  expect(turns.map(({ input }) => input)).toEqual([[asked], [thanks]])
  expect(turns[1]?.output).toEqual([bye])
})
