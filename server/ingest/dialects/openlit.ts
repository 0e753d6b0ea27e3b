import type { Dialect } from './dialect.ts'

/** OpenLIT: OTel's names. Its server address is a constant, its Anthropic counts leave cache out. */
export const openlit: Dialect = {
  name: 'openlit',
  markers: ['gen_ai.sdk.version'],
  scope: /^openlit/,
  fields: { environment: ['gen_ai.environment'] },
  hides: { serverAddress: ['server.address'] },
  counting: (view) =>
    /anthropic|bedrock/.test(view.text('provider') ?? '') ? { cache: 'exclusive' } : {},
}
