import type { Dialect } from './dialect.ts'

/** What any OpenTelemetry span may carry; active on every span, after all other dialects. */
export const otel: Dialect = {
  name: 'otel',
  isBase: true,
  markers: [],
  fields: {
    sessionId: ['session.id'],
    userId: ['user.id', 'enduser.id'],
    errorType: ['error.type'],
    errorStatusCode: ['http.response.status_code', 'http.status_code'],
    serverAddress: ['server.address', 'gen_ai.openai.api_base', 'url.full'],
  },
}
