import { describe, expect, test } from 'vitest'
import { toChatRequest, toGenerateRequest, toResponse } from './ollama-chat.ts'
import { toMessage } from './ollama-messages.ts'

const ENDPOINT = { provider: 'ollama' }

describe('a request', () => {
  test('keeps options that are 0, and leaves out what was not given', () => {
    const options = { temperature: 0, top_k: 40, seed: 0, num_predict: -1, stop: 'END' }
    expect(toChatRequest({ options }, ENDPOINT).parameters).toMatchObject({
      'gen_ai.request.temperature': 0,
      'gen_ai.request.top_k': 40,
      'gen_ai.request.seed': 0,
      'gen_ai.request.max_tokens': -1,
      'gen_ai.request.stop_sequences': ['END'],
      'gen_ai.request.top_p': undefined,
      'gen_ai.output.type': undefined,
      'gen_ai.request.reasoning.level': undefined,
    })
  })

  test.each([
    ['json', 'json'],
    [{ type: 'object' }, 'json'],
    ['', undefined],
  ])('a format of %o is output of type %s', (format, type) => {
    expect(toChatRequest({ format }, ENDPOINT).parameters['gen_ai.output.type']).toBe(type)
  })

  test('thinking switched on has no level', () => {
    const levelOf = (think: unknown) =>
      toChatRequest({ think }, ENDPOINT).parameters['gen_ai.request.reasoning.level']
    expect([true, false, 'low'].map(levelOf)).toEqual([undefined, undefined, 'low'])
  })

  test('holds a copy: what the application changes afterwards is not in it', () => {
    const call = { function: { name: 'find', arguments: { id: '1042' } } }
    const messages = [{ role: 'assistant', content: '', tool_calls: [call] }]
    const parameters = { type: 'object', properties: {} }
    const tools = [{ type: 'function', function: { name: 'find', parameters } }]
    const request = toChatRequest({ messages, tools }, ENDPOINT)
    const before = JSON.stringify(request)
    call.function.arguments.id = 'changed'
    parameters.type = 'changed'
    messages.push({ role: 'user', content: 'later', tool_calls: [] })
    expect(JSON.stringify(request)).toBe(before)
  })

  test('a prompt has its system text, its suffix and its pictures', () => {
    const request = toGenerateRequest(
      { model: 'm', system: 'Brief.', prompt: 'Once', suffix: 'end', images: ['/9j/4AAQ'] },
      ENDPOINT,
    )
    expect(request.systemInstructions).toEqual([{ type: 'text', content: 'Brief.' }])
    expect(request.messages?.[0]?.parts).toEqual([
      { type: 'text', content: 'Once' },
      { type: 'text', content: 'end' },
      { type: 'blob', modality: 'image', mime_type: 'image/jpeg', content: '/9j/4AAQ' },
    ])
  })

  test.each([undefined, null, 'text', { messages: [null, 7], tools: [null], options: 7 }])(
    '%o is described as far as it can be',
    (body) => {
      expect(toChatRequest(body, ENDPOINT).operation).toBe('chat')
      expect(toGenerateRequest(body, ENDPOINT).operation).toBe('text_completion')
    },
  )
})

describe('a message', () => {
  test('of a tool names it', () => {
    expect(toMessage({ role: 'tool', tool_name: 'find', content: 'found' })).toEqual({
      role: 'tool',
      parts: [{ type: 'tool_call_response', name: 'find', response: 'found' }],
    })
  })

  test('with pictures as bytes keeps them for their hash', () => {
    const image = new Uint8Array([1, 2, 3])
    expect(toMessage({ role: 'user', content: '?', images: [image, 7] }).parts).toEqual([
      { type: 'text', content: '?' },
      { type: 'blob', modality: 'image', mime_type: 'image/*', content: image },
    ])
  })

  test('has its thoughts first, and an empty text only when that is all', () => {
    const call = { id: 'c-1', function: { name: 'find', arguments: { id: 1 } } }
    expect(
      toMessage({ role: 'assistant', content: '', thinking: 'hm', tool_calls: [call] }).parts,
    ).toEqual([
      { type: 'reasoning', content: 'hm' },
      { type: 'tool_call', id: 'c-1', name: 'find', arguments: { id: 1 } },
    ])
    expect(toMessage({ role: 'assistant', content: '' }).parts).toEqual([
      { type: 'text', content: '' },
    ])
  })
})

describe('an answer', () => {
  test('tells how long the server took in seconds', () => {
    const { parameters } = toResponse({
      total_duration: 5_000_000_000,
      load_duration: 0,
      prompt_eval_duration: 130_079_000,
    })
    expect(parameters).toEqual({
      'ollama.response.total_duration': 5,
      'ollama.response.load_duration': 0,
      'ollama.response.prompt_eval_duration': 0.130079,
      'ollama.response.eval_duration': undefined,
    })
  })

  test('counts what was counted: a cached prompt is unknown, not 0', () => {
    expect(toResponse({ eval_count: 7 }).usage).toEqual({
      inputTokens: undefined,
      outputTokens: 7,
    })
    expect(toResponse({}).usage).toBeUndefined()
  })

  test('of generate has its text, thoughts and picture', () => {
    const answer = { response: 'Yes.', thinking: 'hm', image: 'iVBORw0K', done_reason: 'stop' }
    expect(toResponse(answer).messages).toEqual([
      {
        role: 'assistant',
        parts: [
          { type: 'reasoning', content: 'hm' },
          { type: 'text', content: 'Yes.' },
          { type: 'blob', modality: 'image', mime_type: 'image/png', content: 'iVBORw0K' },
        ],
        finish_reason: 'stop',
      },
    ])
  })
})
