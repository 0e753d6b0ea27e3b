import type { Dialect } from './dialect.ts'

/** The spans that Anthropic's own clients send: OTel's names and what only the wire tells. */
export const anthropicSdk: Dialect = {
  name: 'anthropic-sdk',
  markers: ['anthropic.request.id'],
  scope: /^com\.anthropic\.sdk/,
  fields: {
    finishReasons: ['anthropic.message.stop_reason'],
  },
  // Counting tokens is no model call.
  typeOf: (view) => (view.span.name === 'anthropic.messages.count_tokens' ? 'other' : null),
}
