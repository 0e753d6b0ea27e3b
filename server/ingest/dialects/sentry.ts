import { answerMessage, embeddedTexts } from '../messages/provider-json.ts'
import { parseJsonText, toJson } from '../attribute-text.ts'
import type { Dialect, DialectView } from './dialect.ts'

/** Sentry's SDKs: aliases of OTel's names before its version 11. */
export const sentry: Dialect = {
  name: 'sentry',
  markers: [
    'sentry.op',
    'gen_ai.response.text',
    'gen_ai.response.tool_calls',
    'gen_ai.request.available_tools',
  ],
  scope: /^(@sentry\/|sentry_sdk)/,
  reads: ['sentry.op', 'gen_ai.response.tool_calls', 'gen_ai.embeddings.input'],
  fields: {
    operation: [{ key: 'sentry.op', read: operation }],
    senderCost: ['gen_ai.cost.total_tokens'],
    streaming: ['gen_ai.response.streaming'],
    ttft: ['gen_ai.response.time_to_first_token'],
    toolArguments: ['gen_ai.tool.input'],
    toolResult: ['gen_ai.tool.output'],
    toolDefinitions: ['gen_ai.request.available_tools'],
    agentName: ['gen_ai.pipeline.name'],
    environment: ['sentry.environment'],
    release: ['sentry.release'],
    inputMessages: [{ key: 'gen_ai.embeddings.input', read: embedded }],
    outputMessages: [{ key: 'gen_ai.response.text', read: answer, note: 'with tool calls' }],
  },
}

function operation(view: DialectView): string | undefined {
  const op = view.value('sentry.op')
  return typeof op === 'string' && op.startsWith('gen_ai.') ? op.slice('gen_ai.'.length) : undefined
}

function embedded(view: DialectView): unknown {
  const sent = view.value('gen_ai.embeddings.input')
  return sent === undefined ? undefined : embeddedTexts(toJson(sent))
}

function answer(view: DialectView): unknown {
  const sent = toJson(view.value('gen_ai.response.text') ?? null)
  const texts = typeof sent === 'string' ? parseJsonText(sent) : undefined
  const isList = Array.isArray(texts) && texts.every((text) => typeof text === 'string')
  return answerMessage({
    text: isList ? texts.join('\n') : sent,
    toolCalls: toJson(view.value('gen_ai.response.tool_calls') ?? null) ?? undefined,
  })
}
