export type Endpoint = {
  readonly provider: string
  readonly serverAddress?: string | undefined
  readonly serverPort?: number | undefined
}

// Hosts that speak OpenAI's format, with OpenTelemetry's name for who answers there.
const PROVIDER_BY_HOST: ReadonlyArray<readonly [suffix: string, provider: string]> = [
  ['openai.azure.com', 'azure.ai.openai'],
  ['services.ai.azure.com', 'azure.ai.inference'],
  ['api.openai.com', 'openai'],
  ['groq.com', 'groq'],
  ['deepseek.com', 'deepseek'],
  ['mistral.ai', 'mistral_ai'],
  ['x.ai', 'x_ai'],
  ['perplexity.ai', 'perplexity'],
  ['moonshot.ai', 'moonshot_ai'],
  ['moonshot.cn', 'moonshot_ai'],
  ['anthropic.com', 'anthropic'],
  ['cohere.com', 'cohere'],
  ['cohere.ai', 'cohere'],
  ['generativelanguage.googleapis.com', 'gcp.gemini'],
  ['aiplatform.googleapis.com', 'gcp.vertex_ai'],
  ['amazonaws.com', 'aws.bedrock'],
  ['openrouter.ai', 'openrouter'],
  ['together.xyz', 'together'],
  ['together.ai', 'together'],
  ['fireworks.ai', 'fireworks'],
  ['huggingface.co', 'huggingface'],
]

/** Who answers at `baseURL`; a host nobody knows counts as the one whose client calls it. */
export function toEndpoint(
  baseURL: string | undefined,
  provider?: string,
  whoseClient = 'openai',
): Endpoint {
  const url = baseURL === undefined ? null : URL.parse(baseURL)
  if (url === null) return { provider: provider ?? whoseClient }
  const host = url.hostname
  const known = PROVIDER_BY_HOST.find(([suffix]) => host === suffix || host.endsWith(`.${suffix}`))
  const defaultPort = url.protocol === 'http:' ? 80 : 443
  return {
    provider: provider ?? known?.[1] ?? whoseClient,
    serverAddress: host,
    serverPort: url.port === '' ? defaultPort : Number(url.port),
  }
}
