import { expect, test } from 'vitest'
import { toEndpoint } from './openai-endpoint.ts'

test.each([
  [
    'https://api.openai.com/v1',
    { provider: 'openai', serverAddress: 'api.openai.com', serverPort: 443 },
  ],
  [
    'https://mine.openai.azure.com/openai',
    { provider: 'azure.ai.openai', serverAddress: 'mine.openai.azure.com', serverPort: 443 },
  ],
  [
    'https://api.groq.com/openai/v1',
    { provider: 'groq', serverAddress: 'api.groq.com', serverPort: 443 },
  ],
  [
    'https://api.deepseek.com',
    { provider: 'deepseek', serverAddress: 'api.deepseek.com', serverPort: 443 },
  ],
  ['https://api.x.ai/v1', { provider: 'x_ai', serverAddress: 'api.x.ai', serverPort: 443 }],
  ['https://netflix.ai/v1', { provider: 'openai', serverAddress: 'netflix.ai', serverPort: 443 }],
  [
    'http://127.0.0.1:8000/v1',
    { provider: 'openai', serverAddress: '127.0.0.1', serverPort: 8_000 },
  ],
  ['http://vllm/v1', { provider: 'openai', serverAddress: 'vllm', serverPort: 80 }],
])('%s is %o', (baseURL, endpoint) => {
  expect(toEndpoint(baseURL)).toEqual(endpoint)
})

test('a provider given by the application wins', () => {
  expect(toEndpoint('http://vllm/v1', 'vllm').provider).toBe('vllm')
})

test('without an address it is OpenAI', () => {
  expect(toEndpoint(undefined)).toEqual({ provider: 'openai' })
})
