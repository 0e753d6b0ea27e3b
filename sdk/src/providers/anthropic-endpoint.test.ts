import { expect, test } from 'vitest'
import { toAnthropicEndpoint } from './anthropic-endpoint.ts'

class AnthropicBedrock {
  readonly [field: string]: unknown
  readonly baseURL = 'https://bedrock-runtime.eu-central-1.amazonaws.com'
}

class AnthropicVertex {
  readonly [field: string]: unknown
  readonly baseURL = 'https://gateway.example/vertex'
}

test.each([
  [{ baseURL: 'https://api.anthropic.com' }, undefined, 'anthropic'],
  [{ baseURL: 'https://gateway.example:8443/v1' }, undefined, 'anthropic'],
  [{ baseURL: 'https://gateway.example' }, 'groq', 'groq'],
  [{ baseURL: 'https://x.services.ai.azure.com/anthropic' }, undefined, 'azure.ai.inference'],
  [{ _genAIProviderName: 'gcp.vertex_ai' }, undefined, 'gcp.vertex_ai'],
  [{ _genAIProviderName: 'anthropic' }, undefined, 'anthropic'],
  [new AnthropicBedrock(), undefined, 'aws.bedrock'],
  [new AnthropicVertex(), undefined, 'gcp.vertex_ai'],
  [{}, undefined, 'anthropic'],
] as const)('%j with the option %s goes to %s', (client, option, provider) => {
  expect(toAnthropicEndpoint(client, option)).toMatchObject({ provider })
})

test('the address is where the calls go', () => {
  expect(toAnthropicEndpoint({ baseURL: 'https://gateway.example:8443/v1' })).toEqual({
    provider: 'anthropic',
    serverAddress: 'gateway.example',
    serverPort: 8443,
  })
})
