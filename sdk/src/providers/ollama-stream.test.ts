import { describe, expect, test } from 'vitest'
import { toResponse } from './ollama-chat.ts'
import { OllamaStreamAssembler } from './ollama-stream.ts'

const END = { done: true, done_reason: 'stop', prompt_eval_count: 3, eval_count: 9 }
const CALL = { function: { name: 'find', arguments: { id: 1 } } }

function line(message: object, more: object = { done: false }): object {
  return { model: 'm', message: { role: 'assistant', content: '', ...message }, ...more }
}

function assemble(lines: readonly unknown[], maxChars = 1_000) {
  const assembler = new OllamaStreamAssembler(maxChars)
  const content = lines.map((item) => assembler.add(item))
  return { content, response: assembler.response(), isWhole: assembler.isWhole() }
}

describe('a stream put together', () => {
  test('is what the same call answers without streaming', () => {
    const { response } = assemble([
      line({ thinking: 'Let ' }),
      line({ thinking: 'me see' }),
      line({ content: 'Yes' }),
      line({ content: ', sir' }),
      line({ tool_calls: [CALL] }),
      line({}, END),
    ])
    const message = { content: 'Yes, sir', thinking: 'Let me see', tool_calls: [CALL] }
    expect(response).toEqual(toResponse({ ...line(message), ...END }))
  })

  test('of generate likewise', () => {
    const { response } = assemble([
      { model: 'm', thinking: 'hm', response: '' },
      { model: 'm', response: 'Yes' },
      { model: 'm', response: '.', ...END },
    ])
    expect(response).toEqual(toResponse({ model: 'm', thinking: 'hm', response: 'Yes.', ...END }))
  })

  test('is whole once the last line came', () => {
    expect(assemble([line({ content: 'a' })]).isWhole).toBe(false)
    expect(assemble([line({ content: 'a' }), line({}, END)]).isWhole).toBe(true)
  })

  test('that breaks off has what came, and no usage', () => {
    const { response } = assemble([line({ content: 'Yes' })])
    expect(response).toMatchObject({ model: 'm', finishReasons: [], usage: undefined })
    expect(response.messages).toEqual([
      { role: 'assistant', parts: [{ type: 'text', content: 'Yes' }] },
    ])
  })

  test('of nothing at all is no message', () => {
    expect(assemble([]).response.messages).toEqual([])
  })

  test('only what somebody can read counts as the first content', () => {
    const { content } = assemble([line({}), line({ thinking: 'a' }), line({}, END)])
    expect(content).toEqual([false, true, false])
  })

  test('arguments are copied when they come', () => {
    const call = structuredClone(CALL)
    const assembler = new OllamaStreamAssembler(1_000)
    assembler.add(line({ tool_calls: [call] }))
    call.function.arguments.id = 2
    expect(assembler.response().messages[0]?.parts[0]?.['arguments']).toEqual({ id: 1 })
  })
})

describe('a stream without end', () => {
  test('stops growing: texts and calls', () => {
    const lines = Array.from({ length: 2_000 }, () => line({ content: '0123', tool_calls: [CALL] }))
    const [message] = assemble(lines, 100).response.messages
    expect(String(message?.parts[0]?.['content']).length).toBeLessThan(110)
    expect(message?.parts).toHaveLength(1_001)
  })

  test.each([undefined, null, 'text', 7, { message: 7 }, { message: { content: 7, images: 7 } }])(
    '%o in between is nothing',
    (value) => {
      expect(assemble([value, line({ content: 'a' })]).content).toEqual([false, true])
    },
  )
})
