import type { Dialect } from './dialect.ts'
import { isLlm, isModelSpan } from './span-type.ts'

/** What any OpenTelemetry span may carry; active on every span, after all other dialects. */
export const otel: Dialect = {
  name: 'otel',
  isBase: true,
  markers: [],
  fields: {
    sessionId: ['session.id'],
    userId: ['user.id', 'enduser.id'],
    sampleProbability: ['sightline.sample.probability'],
    errorType: ['error.type'],
    errorStatusCode: ['http.response.status_code', 'http.status_code'],
    // Conventions 1.27: one attribute each, before there were events and message attributes.
    inputMessages: [{ key: 'gen_ai.prompt', when: isModelSpan }],
    outputMessages: [{ key: 'gen_ai.completion', when: isLlm }],
    serverAddress: ['server.address', 'gen_ai.openai.api_base', 'url.full'],
  },
}
