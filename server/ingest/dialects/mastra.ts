import type { Dialect } from './dialect.ts'

/** Mastra's OTel exporter: OTel's names for calls and tools, `mastra.*` for the rest. */
export const mastra: Dialect = {
  name: 'mastra',
  markers: ['mastra.span.type', 'mastra.traceId'],
  scope: /^@mastra\//,
  reads: ['mastra.span.type'],
  fields: {
    cacheWrite1hTokens: ['gen_ai.usage.cache_creation.1h_input_tokens'],
    audioInputTokens: ['gen_ai.usage.audio_input_tokens'],
    audioOutputTokens: ['gen_ai.usage.audio_output_tokens'],
    ttft: [{ key: 'mastra.completion_start_time', unit: 'instant' }],
    errorMessage: ['error.message'],
    sessionId: ['mastra.metadata.sessionId', 'mastra.metadata.threadId'],
    userId: ['mastra.metadata.userId', 'mastra.metadata.resourceId'],
    tags: ['mastra.tags'],
  },
  // A parent with the same usage where the exporter has a span for each inference.
  isAggregate: (view) =>
    view.value('mastra.span.type') === 'model_generation' && view.operationRaw !== 'chat',
  fallbackType: (view) => {
    const type = view.value('mastra.span.type')
    return typeof type === 'string' && /^workflow_|^processor_/.test(type) ? 'chain' : null
  },
}
