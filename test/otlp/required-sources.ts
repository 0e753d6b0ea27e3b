/** The sources whose captured cases must be read right in every field. */
export const REQUIRED_SOURCES = [
  'elastic-openai',
  'openinference-anthropic',
  'openinference-langchain',
  'openinference-openai',
  'openinference-openai-agents',
  'openinference-openai-py',
  'openlit',
  'otel-openai',
  'traceloop',
  'traceloop-0.20',
  'traceloop-anthropic-py',
  'traceloop-google',
  'traceloop-openai-py',
] as const
