/** The sources whose captured cases must be read right in every field. */
export const REQUIRED_SOURCES = [
  'otel-openai',
  'openinference-anthropic',
  'openinference-langchain',
  'openinference-openai',
  'openinference-openai-agents',
  'openinference-openai-py',
] as const
