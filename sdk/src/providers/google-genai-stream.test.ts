import { describe, expect, test } from 'vitest'
import { toGenerateResponse } from './google-genai-generate.ts'
import { GenerateStreamAssembler } from './google-genai-stream.ts'

function chunk(parts: object[], more: object = {}): object {
  return { candidates: [{ content: { role: 'model', parts }, index: 0, ...more }] }
}

function assemble(chunks: readonly unknown[], maxChars = 1_000) {
  const assembler = new GenerateStreamAssembler(maxChars)
  const content = chunks.map((item) => assembler.add(item))
  return { content, response: assembler.response() }
}

describe('a stream put together', () => {
  test('is what the same call answers without streaming', () => {
    const call = { functionCall: { id: 'c-1', name: 'find', args: { id: 1 } } }
    const { response } = assemble([
      { ...chunk([{ text: 'Let ', thought: true }]), responseId: 'r', modelVersion: 'm' },
      chunk([{ text: 'me see', thought: true }]),
      chunk([{ text: 'Yes' }]),
      { ...chunk([{ text: ', sir' }, call]), usageMetadata: { promptTokenCount: 3 } },
      {
        ...chunk([{ text: '' }], { finishReason: 'STOP' }),
        usageMetadata: { promptTokenCount: 3, candidatesTokenCount: 9, thoughtsTokenCount: 2 },
      },
    ])
    expect(response).toEqual(
      toGenerateResponse({
        responseId: 'r',
        modelVersion: 'm',
        candidates: [
          {
            content: {
              role: 'model',
              parts: [{ text: 'Let me see', thought: true }, { text: 'Yes, sir' }, call],
            },
            finishReason: 'STOP',
          },
        ],
        usageMetadata: { promptTokenCount: 3, candidatesTokenCount: 9, thoughtsTokenCount: 2 },
      }),
    )
  })

  test('text after a call is a part of its own', () => {
    const call = { functionCall: { name: 'find' } }
    const { response } = assemble([chunk([{ text: 'a' }]), chunk([call]), chunk([{ text: 'b' }])])
    expect(response.messages[0]?.parts.map(({ type }) => type)).toEqual([
      'text',
      'tool_call',
      'text',
    ])
  })

  test('candidates are told apart by their index', () => {
    const { response } = assemble([
      { candidates: [{ content: { parts: [{ text: 'two' }] }, index: 1 }] },
      { candidates: [{ content: { parts: [{ text: 'one' }] } }] },
    ])
    expect(response.messages.map(({ parts }) => parts[0]?.['content'])).toEqual(['one', 'two'])
  })

  test('only what somebody can read counts as the first content', () => {
    const { content } = assemble([
      { usageMetadata: { promptTokenCount: 3 } },
      chunk([{ text: '' }]),
      chunk([{ text: 'a', thought: true }]),
      chunk([], { finishReason: 'STOP' }),
    ])
    expect(content).toEqual([false, false, true, false])
  })

  test('arguments are copied when they come: a tool may change them before the stream ends', () => {
    const args = { id: '1042' }
    const assembler = new GenerateStreamAssembler(1_000)
    assembler.add(chunk([{ functionCall: { name: 'find', args } }]))
    args.id = 'changed'
    expect(assembler.response().messages[0]?.parts[0]?.['arguments']).toEqual({ id: '1042' })
  })
})

describe('a stream without end', () => {
  test('stops growing: texts, parts, candidates and media', () => {
    const text = assemble(
      Array.from({ length: 50 }, () => chunk([{ text: '0123456789' }])),
      100,
    )
    expect(String(text.response.messages[0]?.parts[0]?.['content']).length).toBeLessThan(120)

    const turns = Array.from({ length: 1_000 }, (_, turn) =>
      chunk([{ text: '0123456789', thought: turn % 2 === 0 }]),
    )
    expect(JSON.stringify(assemble(turns, 100).response.messages).length).toBeLessThan(5_000)

    const call = { functionCall: { name: 'find' } }
    const parts = assemble(Array.from({ length: 2_000 }, () => chunk([call])))
    expect(parts.response.messages[0]?.parts).toHaveLength(1_000)

    const candidates = assemble([-1, 0.5, 64, 1e9].map((index) => chunk([call], { index })))
    expect(candidates.response.messages).toHaveLength(1)

    const audio = { inlineData: { mimeType: 'audio/pcm', data: 'A'.repeat(1_000_000) } }
    const media = assemble(Array.from({ length: 10 }, () => chunk([audio])))
    const kept = media.response.messages[0]?.parts.filter(({ content }) => content !== undefined)
    expect(kept).toHaveLength(8)
  })

  test.each([undefined, null, 'text', { candidates: 7 }, { candidates: [null, { content: 7 }] }])(
    '%o in between is nothing',
    (value) => {
      expect(assemble([value, chunk([{ text: 'a' }])]).response.messages).toHaveLength(1)
    },
  )
})
