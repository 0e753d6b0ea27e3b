import { asString } from '../core/read.ts'
import type { UnknownRecord } from '../core/read.ts'
import { toEndpoint } from './openai-endpoint.ts'
import type { Endpoint } from './openai-endpoint.ts'

// The clients of other platforms' packages, where nothing else says whose they are.
const PROVIDER_BY_CLASS: ReadonlyArray<readonly [part: string, provider: string]> = [
  ['Bedrock', 'aws.bedrock'],
  ['Vertex', 'gcp.vertex_ai'],
  ['Foundry', 'azure.ai.inference'],
]

/** Who answers an Anthropic client: as the option says, as the client says, or by its base URL. */
export function toAnthropicEndpoint(client: UnknownRecord, provider?: string): Endpoint {
  return toEndpoint(asString(client['baseURL']), provider ?? toldByClient(client), 'anthropic')
}

function toldByClient(client: UnknownRecord): string | undefined {
  const name = asString(client['_genAIProviderName'])
  if (name !== undefined && name !== 'anthropic') return name
  const className = client.constructor?.name ?? ''
  return PROVIDER_BY_CLASS.find(([part]) => className.includes(part))?.[1]
}
