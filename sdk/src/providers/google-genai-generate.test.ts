import { describe, expect, test } from 'vitest'
import { toGenerateRequest, toGenerateResponse, toModel, toUsage } from './google-genai-generate.ts'

const ENDPOINT = { provider: 'gcp.gemini' }

function parametersOf(config: object) {
  const { parameters } = toGenerateRequest({ model: 'm', contents: 'x', config }, ENDPOINT, false)
  return Object.fromEntries(
    Object.entries(parameters).filter(([, value]) => value !== undefined),
  ) as object
}

describe('a request', () => {
  test('keeps parameters that are 0 or false-like, and leaves out what was not given', () => {
    expect(parametersOf({ temperature: 0, topP: 0, topK: 1, seed: 0, presencePenalty: 0 })).toEqual(
      {
        'gen_ai.request.temperature': 0,
        'gen_ai.request.top_p': 0,
        'gen_ai.request.top_k': 1,
        'gen_ai.request.seed': 0,
        'gen_ai.request.presence_penalty': 0,
      },
    )
    expect(parametersOf({})).toEqual({})
  })

  test('says how many candidates only when it is not one', () => {
    expect(parametersOf({ candidateCount: 1 })).toEqual({})
    expect(parametersOf({ candidateCount: 3 })).toEqual({ 'gen_ai.request.choice.count': 3 })
  })

  test('tells how much it may think', () => {
    expect(parametersOf({ thinkingConfig: { thinkingBudget: 0, thinkingLevel: 'LOW' } })).toEqual({
      'gen_ai.request.reasoning.level': 'LOW',
      'gcp.gen_ai.operation.config.thinking_config.thinking_budget': 0,
    })
  })

  test.each([
    [{ responseMimeType: 'application/json' }, 'json'],
    [{ responseSchema: { type: 'OBJECT' } }, 'json'],
    [{ responseJsonSchema: { type: 'object' } }, 'json'],
    [{ responseMimeType: 'text/plain' }, 'text'],
    [{ responseModalities: ['TEXT', 'IMAGE'] }, 'image'],
    [{ responseModalities: ['audio'] }, 'speech'],
  ])('%o asks for output of type %s', (config, type) => {
    expect(parametersOf(config)).toEqual({ 'gen_ai.output.type': type })
  })

  test.each([
    ['gemini-2.5-flash', 'gemini-2.5-flash'],
    ['models/gemini-2.5-flash', 'gemini-2.5-flash'],
    ['projects/p/locations/l/publishers/google/models/gemini-2.5-pro', 'gemini-2.5-pro'],
    ['tunedModels/shop-1', 'tunedModels/shop-1'],
    ['projects/p/locations/l/endpoints/42', 'projects/p/locations/l/endpoints/42'],
    ['', undefined],
    [7, undefined],
  ])('the model %o is named %o', (given, name) => {
    expect(toModel(given)).toBe(name)
  })

  test('defines functions and tools that the provider runs, without what the client calls itself', () => {
    const parameters = { type: 'OBJECT', properties: { id: { type: 'STRING' } } }
    const tools = [
      {
        functionDeclarations: [{ name: 'find', description: 'Finds', parameters }, { name: 'end' }],
      },
      { googleSearch: {}, codeExecution: {} },
      { tool: () => undefined, callTool: () => undefined },
    ]
    const { toolDefinitions } = toGenerateRequest({ config: { tools } }, ENDPOINT, false)
    expect(toolDefinitions).toEqual([
      { type: 'function', name: 'find', description: 'Finds', parameters },
      { type: 'function', name: 'end' },
      { type: 'googleSearch', name: 'googleSearch' },
      { type: 'codeExecution', name: 'codeExecution' },
    ])
  })

  test('holds a copy: what the application changes afterwards is not in it', () => {
    const args = { id: '1042' }
    const properties = { id: { type: 'STRING' } }
    const declaration = { name: 'find', parameters: { type: 'OBJECT', properties } }
    const contents = [{ role: 'model', parts: [{ functionCall: { name: 'find', args } }] }]
    const config = { tools: [{ functionDeclarations: [declaration] }] }
    const request = toGenerateRequest({ contents, config }, ENDPOINT, false)
    const before = JSON.stringify(request)
    args.id = 'changed'
    properties.id.type = 'changed'
    contents.push({ role: 'model', parts: [] })
    expect(JSON.stringify(request)).toBe(before)
  })

  test.each([undefined, null, 'text', 7, [], { config: 'x', contents: [null, 7] }])(
    '%o is described as far as it can be',
    (params) => {
      expect(toGenerateRequest(params, ENDPOINT, true)).toMatchObject({
        operation: 'generate_content',
        isStream: true,
      })
    },
  )
})

describe('usage', () => {
  test('thoughts are inside the output, what tools read is inside the input', () => {
    const usage = toUsage({
      promptTokenCount: 100,
      cachedContentTokenCount: 64,
      candidatesTokenCount: 20,
      thoughtsTokenCount: 30,
      toolUsePromptTokenCount: 7,
      totalTokenCount: 157,
    })
    expect(usage).toMatchObject({
      inputTokens: 107,
      outputTokens: 50,
      cacheReadTokens: 64,
      reasoningTokens: 30,
    })
  })

  test('is told by modality', () => {
    const response = toGenerateResponse({
      usageMetadata: {
        promptTokenCount: 400,
        candidatesTokenCount: 1_300,
        promptTokensDetails: [
          { modality: 'TEXT', tokenCount: 12 },
          { modality: 'IMAGE', tokenCount: 258 },
          { modality: 'AUDIO', tokenCount: 100 },
        ],
        toolUsePromptTokensDetails: [{ modality: 'AUDIO', tokenCount: 30 }],
        candidatesTokensDetails: [
          { modality: 'IMAGE', tokenCount: 1_290 },
          { modality: 'AUDIO', tokenCount: 10 },
        ],
      },
    })
    expect(response.usage).toMatchObject({
      imageInputTokens: 258,
      audioInputTokens: 130,
      audioOutputTokens: 10,
    })
    expect(response.parameters['gen_ai.usage.image.output_tokens']).toBe(1_290)
  })

  test('an output of nothing is 0 where the total says so, and unknown where nothing does', () => {
    expect(toUsage({ promptTokenCount: 9, totalTokenCount: 9 })?.outputTokens).toBe(0)
    expect(toUsage({ promptTokenCount: 9 })?.outputTokens).toBeUndefined()
    expect(toUsage({ promptTokenCount: 9, totalTokenCount: 3 })?.outputTokens).toBeUndefined()
    expect(toUsage(undefined)).toBeUndefined()
  })
})

describe('an answer', () => {
  test('has a reason for each candidate as it was sent, also for those without a text', () => {
    const response = toGenerateResponse({
      responseId: 'r-1',
      modelVersion: 'gemini-2.5-flash-001',
      candidates: [
        { content: { role: 'model', parts: [{ text: 'Yes.' }] }, finishReason: 'STOP' },
        { finishReason: 'RECITATION' },
        { content: { role: 'model', parts: [{ text: 'Cut' }] } },
      ],
    })
    expect(response).toMatchObject({
      id: 'r-1',
      model: 'gemini-2.5-flash-001',
      finishReasons: ['STOP', 'RECITATION', 'error'],
      usage: undefined,
    })
    expect(response.messages).toEqual([
      { role: 'assistant', parts: [{ type: 'text', content: 'Yes.' }], finish_reason: 'STOP' },
      { role: 'assistant', parts: [], finish_reason: 'RECITATION' },
      { role: 'assistant', parts: [{ type: 'text', content: 'Cut' }] },
    ])
  })

  test('to a blocked prompt has no candidate, but the reason', () => {
    const response = toGenerateResponse({ promptFeedback: { blockReason: 'SAFETY' } })
    expect(response).toMatchObject({ finishReasons: ['SAFETY'], messages: [] })
  })

  test.each([undefined, null, 'text', { candidates: [null, 7, { content: 'x' }] }])(
    '%o is read as far as it can be',
    (value) => {
      expect(toGenerateResponse(value).finishReasons).toEqual([])
    },
  )
})
