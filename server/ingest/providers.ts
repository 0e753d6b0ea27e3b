// Provider names as senders write them to OTel's gen_ai.provider.name.

const ALIASES = new Map<string, string>([
  ['google', 'gcp.gen_ai'],
  ['gemini', 'gcp.gen_ai'],
  ['gcp.gemini', 'gcp.gen_ai'],
  ['gcp.gen_ai', 'gcp.gen_ai'],
  ['google_genai', 'gcp.gen_ai'],
  ['google-genai', 'gcp.gen_ai'],
  ['google.generative-ai', 'gcp.gen_ai'],
  ['google_generativeai', 'gcp.gen_ai'],
  ['vertexai', 'gcp.vertex_ai'],
  ['vertex_ai', 'gcp.vertex_ai'],
  ['google_vertexai', 'gcp.vertex_ai'],
  ['google.vertex', 'gcp.vertex_ai'],
  ['google-vertex', 'gcp.vertex_ai'],
  ['google_gemini', 'gcp.gen_ai'],
  ['google-generativeai', 'gcp.gen_ai'],
  ['vertex.anthropic', 'gcp.vertex_ai'],
  ['google.vertex.anthropic', 'gcp.vertex_ai'],
  ['azure', 'azure.ai.openai'],
  ['azure_openai', 'azure.ai.openai'],
  ['azure-openai', 'azure.ai.openai'],
  ['az.ai.openai', 'azure.ai.openai'],
  ['azure_ai', 'azure.ai.inference'],
  ['az.ai.inference', 'azure.ai.inference'],
  ['bedrock', 'aws.bedrock'],
  ['aws', 'aws.bedrock'],
  ['aws_bedrock', 'aws.bedrock'],
  ['amazon-bedrock', 'aws.bedrock'],
  ['amazon_bedrock', 'aws.bedrock'],
  ['mistral', 'mistral_ai'],
  ['mistralai', 'mistral_ai'],
  ['mistral-ai', 'mistral_ai'],
  ['xai', 'x_ai'],
  ['together', 'together_ai'],
  ['togetherai', 'together_ai'],
  ['moonshot', 'moonshot_ai'],
  ['moonshotai', 'moonshot_ai'],
  ['watsonx', 'ibm.watsonx.ai'],
])

/** Frameworks that write their own name where the provider belongs. */
const FRAMEWORKS = new Set([
  'langchain',
  'langgraph',
  'autogen',
  'strands-agents',
  'strands',
  'crewai',
  'llamaindex',
  'llama_index',
  'llama-index',
  'haystack',
  'semantic_kernel',
  'agno',
  'gcp.vertex.agent',
])

const SUFFIX = /\.(chat|responses?|messages|embeddings?|completions?|image|speech|transcription)$/

/** OTel's provider name, or null where the text names a framework or nothing. */
export function toProvider(raw: string): string | null {
  const name = raw.trim().toLowerCase().replace(SUFFIX, '')
  if (name === '' || FRAMEWORKS.has(name)) return null
  return ALIASES.get(name) ?? name
}

const HOSTS: readonly [RegExp, string][] = [
  [/(^|\.)openai\.azure\.com$/, 'azure.ai.openai'],
  [/(^|\.)api\.openai\.com$/, 'openai'],
  [/(^|\.)api\.anthropic\.com$/, 'anthropic'],
  [/^generativelanguage\.googleapis\.com$/, 'gcp.gen_ai'],
  [/aiplatform\.googleapis\.com$/, 'gcp.vertex_ai'],
  [/^bedrock-runtime\..*\.amazonaws\.com$/, 'aws.bedrock'],
  [/(^|\.)api\.cohere\.(com|ai)$/, 'cohere'],
  [/(^|\.)api\.mistral\.ai$/, 'mistral_ai'],
  [/(^|\.)api\.groq\.com$/, 'groq'],
  [/(^|\.)api\.deepseek\.com$/, 'deepseek'],
  [/(^|\.)api\.perplexity\.ai$/, 'perplexity'],
  [/(^|\.)api\.x\.ai$/, 'x_ai'],
  [/(^|\.)openrouter\.ai$/, 'openrouter'],
]

/** The provider behind a server address, which may be a whole URL. */
export function providerOfHost(address: string): string | null {
  const host = address
    .toLowerCase()
    .replace(/^[a-z]+:\/\//, '')
    .replace(/[/:].*$/, '')
  return HOSTS.find(([pattern]) => pattern.test(host))?.[1] ?? null
}

const MODELS: readonly [RegExp, string][] = [
  [
    /^(gpt-|chatgpt|o[1-9](-|$)|text-embedding-|text-davinci|davinci|dall-e|whisper|tts-)/,
    'openai',
  ],
  [/^claude/, 'anthropic'],
  [/^(gemini|text-embedding-00|gemma-)/, 'gcp.gen_ai'],
  [
    /^((us|eu|ap|apac|ca|sa|me|af|jp|au|global)(-gov)?\.)?(anthropic|amazon|meta|cohere|mistral|ai21|deepseek|qwen|writer|stability|twelvelabs)\.[a-z]/,
    'aws.bedrock',
  ],
  [/^arn:aws[a-z-]*:bedrock:/, 'aws.bedrock'],
  [/^(mistral|codestral|ministral|magistral|pixtral)-/, 'mistral_ai'],
  [/^command-/, 'cohere'],
  [/^deepseek-/, 'deepseek'],
  [/^grok-/, 'x_ai'],
  [/^sonar/, 'perplexity'],
]

/** The provider that a model's name implies: `provider/model`, else a known family. */
export function providerOfModel(model: string): string | null {
  const name = model.toLowerCase()
  const slash = name.indexOf('/')
  if (slash > 0) {
    const prefix = toProvider(name.slice(0, slash))
    if (prefix !== null && KNOWN.has(prefix)) return prefix
    return providerOfModel(name.slice(slash + 1))
  }
  return MODELS.find(([pattern]) => pattern.test(name))?.[1] ?? null
}

const KNOWN = new Set([
  ...ALIASES.values(),
  ...HOSTS.map(([, provider]) => provider),
  'ollama',
  'together_ai',
  'fireworks_ai',
  'cerebras',
  'huggingface',
])
