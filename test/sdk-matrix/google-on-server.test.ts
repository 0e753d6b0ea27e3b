import { GoogleGenAI } from '@google/genai'
import { expect, test } from 'vitest'
import { readOnServer } from './read-on-server.ts'
import { asking, behave, DECLARATION, MODEL } from './google-setting.ts'

async function readCall(call: (client: GoogleGenAI) => Promise<unknown>) {
  return readOnServer(
    (baseUrl) => new GoogleGenAI({ apiKey: 'key', httpOptions: { baseUrl } }),
    call,
  )
}

test('the server counts thoughts and cached tokens once, and prices all of them', async () => {
  const { record, price } = await readCall((client) =>
    client.models.generateContent(asking({ cachedContent: 'cachedContents/catalogue' })),
  )

  expect(record).toMatchObject({ dialect: 'sightline', type: 'llm', provider: 'gcp.gen_ai' })
  expect(price.reason).toBeNull()
  const tokensOf = (kind: string) =>
    price.buckets.find((bucket) => bucket.kind === kind)?.tokens ?? 0
  const { input, output, cacheRead, reasoning } = record.usage
  expect(cacheRead).toBeGreaterThan(0)
  expect(reasoning).toBeGreaterThan(0)
  expect(tokensOf('cache_read')).toBe(cacheRead)
  expect(tokensOf('input') + tokensOf('cache_read')).toBe(input)
  expect(tokensOf('reasoning')).toBe(reasoning)
  expect(tokensOf('output') + tokensOf('reasoning')).toBe(output)
})

test('the server shows thoughts, calls, the answers of functions and code that Google ran', async () => {
  const { described } = await readCall((client) =>
    client.models.generateContent({
      model: MODEL,
      contents: [
        {
          role: 'model',
          parts: [
            { functionCall: { name: 'look_up_order', args: { id: 7 } }, thoughtSignature: 'c2ln' },
            { executableCode: { code: 'print(6 * 7)' } },
            { codeExecutionResult: { output: '42' } },
          ],
        },
        {
          role: 'user',
          parts: [{ functionResponse: { name: 'look_up_order', response: { state: 'gone' } } }],
        },
      ],
      config: behave('tool', {
        thinkingConfig: { includeThoughts: true },
        tools: [{ functionDeclarations: [DECLARATION] }],
      }),
    }),
  )

  expect(described.inputMessages).toMatchObject([
    {
      role: 'assistant',
      parts: [
        { type: 'tool_call', name: 'look_up_order', arguments: { id: 7 } },
        { type: 'tool_call', name: 'code_execution', arguments: { code: 'print(6 * 7)' } },
        { type: 'tool_call_response', response: { output: '42' } },
      ],
    },
    { role: 'tool', parts: [{ type: 'tool_call_response', response: { state: 'gone' } }] },
  ])
  const types = described.outputMessages[0]?.parts.map(({ type }) => type)
  expect(types?.[0]).toBe('reasoning')
  expect(types?.at(-1)).toBe('tool_call')
  expect(described.toolDefinitions).toMatchObject([{ name: 'look_up_order' }])
})
