import type { Dialect } from '../../../server/ingest/dialects/dialect.ts'
import { requestMessages, responseMessages } from '../../../server/ingest/messages/provider-json.ts'

/** A sender that does not exist, as somebody would add one: this file, and a line in the registry. */
export const acme: Dialect = {
  name: 'acme',
  markers: ['acme.kind'],
  scope: /^acme-tracer$/,
  kinds: [{ key: 'acme.kind', types: { COMPLETION: 'llm', GADGET: 'tool', CREW: 'agent' } }],
  fields: {
    operation: ['acme.verb'],
    provider: ['acme.vendor'],
    requestModel: ['acme.model.asked'],
    responseModel: ['acme.model.used'],
    responseId: ['acme.answer.id'],
    inputTokens: [{ key: 'acme.meter', path: 'in' }],
    outputTokens: [{ key: 'acme.meter', path: 'out' }],
    totalTokens: [{ key: 'acme.meter', path: 'sum' }],
    cacheReadTokens: [{ key: 'acme.meter', path: 'warm.read' }],
    cacheWriteTokens: [{ key: 'acme.meter', path: 'warm.write' }],
    reasoningTokens: [{ key: 'acme.meter', path: 'thought' }],
    senderCost: ['acme.dollars'],
    streaming: ['acme.streamed'],
    ttft: [{ key: 'acme.first_ms', unit: 'ms' }],
    finishReasons: ['acme.ended'],
    failed: ['acme.broken'],
    errorType: ['acme.fault'],
    errorMessage: ['acme.fault_text'],
    errorStatusCode: ['acme.fault_code'],
    sessionId: ['acme.conversation'],
    userId: ['acme.person'],
    tags: ['acme.labels'],
    promptName: ['acme.template'],
    promptVersion: ['acme.template_no'],
    agentName: ['acme.crew'],
    toolName: ['acme.gadget'],
    toolCallId: ['acme.gadget_call'],
    toolArguments: ['acme.given'],
    toolResult: ['acme.got'],
    temperature: ['acme.heat'],
    maxTokens: ['acme.limit'],
    systemInstructions: [{ key: 'acme.request', path: 'system' }],
    toolDefinitions: [{ key: 'acme.request', path: 'tools' }],
    inputMessages: [
      { key: 'acme.request', read: (view) => requestMessages(view.json('acme.request', '')) },
    ],
    outputMessages: [
      { key: 'acme.answer', read: (view) => responseMessages(view.json('acme.answer', '')) },
    ],
  },
  // Its input leaves out what came from the cache, its output what was thought.
  counting: () => ({ cache: 'exclusive', reasoning: 'exclusive' }),
}
