const DEFAULT_ORIGINS = new Set(['http://localhost:4318', 'http://127.0.0.1:4318'])

export type Snippets = { install: string; sdk: string; openTelemetry: string }

/** What to paste, for the address this page came from; the default address need not be named. */
export function snippetsFor(origin: string): Snippets {
  const endpoint = DEFAULT_ORIGINS.has(origin) ? '' : `endpoint: '${origin}', `
  return {
    install: `npm i ${origin}/sdk.tgz`,
    sdk: `import { init, wrap } from '@sightline/sdk'

init({ ${endpoint}service: 'my-app' })
const openai = wrap(new OpenAI())`,
    openTelemetry: `export OTEL_EXPORTER_OTLP_ENDPOINT=${origin}`,
  }
}
