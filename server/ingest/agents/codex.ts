import type { DialectView } from '../dialects/dialect.ts'
import {
  type Agent,
  FAILED,
  type AgentEvent,
  durationOf,
  fromEvent,
  markOf,
  numberOf,
  readPrompt,
  textOf,
} from './agent.ts'

const MARK = markOf('codex')

/**
 * OpenAI's Codex: a call is the event of its completion, with inclusive counts as text. When it
 * began and who the provider is stand in other events of the conversation.
 */
export const codex: Agent = {
  name: 'codex',
  prefix: 'codex.',
  scope: /^codex_otel/,
  session: ['conversation.id'],
  turn: ['turn.id', 'turn_id'],
  sessionAttributes: ['provider_name'],
  events: {
    conversation_starts: () => ({ kind: 'session' }),
    user_prompt: readPrompt,
    api_request: (event) => {
      const durationMs = durationOf(event)
      return isFailed(event)
        ? { kind: 'call', key: null, durationMs, needs: ['session'] }
        : { kind: 'start', durationMs }
    },
    websocket_request: (event) =>
      textOf(event, 'success') === 'false' ? { kind: 'part' } : { kind: 'start', durationMs: 0 },
    sse_event: (event) => {
      if (textOf(event, 'event.kind') !== 'response.completed') return { kind: 'part' }
      const isCall = hasTokens(event) || textOf(event, 'error.message') !== null
      return isCall
        ? { kind: 'call', key: null, durationMs: null, needs: ['start', 'session'] }
        : { kind: 'part' }
    },
    tool_result: (event) => ({
      kind: 'tool',
      key: textOf(event, 'call_id'),
      durationMs: durationOf(event),
    }),
  },
  dialect: {
    name: 'codex',
    markers: [MARK],
    kinds: [{ key: MARK, types: { sse_event: 'llm', api_request: 'llm', tool_result: 'tool' } }],
    fields: {
      provider: [fromEvent('provider_name')],
      requestModel: [fromEvent({ key: 'model', when: isCall })],
      inputTokens: [fromEvent('input_token_count')],
      outputTokens: [fromEvent('output_token_count')],
      totalTokens: [fromEvent('tool_token_count')],
      cacheReadTokens: [fromEvent('cached_token_count')],
      cacheWriteTokens: [fromEvent('cache_write_token_count')],
      reasoningTokens: [fromEvent('reasoning_token_count')],
      // It always streams; over HTTP the time to the first chunk is sent as 0.
      streaming: [fromEvent({ key: MARK, read: (view) => (isCall(view) ? true : undefined) })],
      ttft: [fromEvent({ key: 'ttft_ms', unit: 'ms' })],
      errorMessage: [fromEvent('error.message')],
      errorStatusCode: [fromEvent({ key: 'http.response.status_code', when: isCall })],
      failed: [FAILED],
      sessionId: [fromEvent('conversation.id')],
      userId: ['user.account_id', 'user.email'].map(fromEvent),
      agentName: [],
      toolName: [fromEvent('tool_name')],
      toolCallId: [fromEvent('call_id')],
      toolArguments: [fromEvent('arguments')],
      toolResult: [fromEvent('output')],
    },
  },
  twins: null,
  sessionTwins: null,
}

function isCall(view: DialectView): boolean {
  return view.type === 'llm'
}

function isFailed(event: AgentEvent): boolean {
  const status = numberOf(event, 'http.response.status_code')
  return status === null ? textOf(event, 'error.message') !== null : status >= 400
}

/** The warm-up of a connection completes with zeros. */
function hasTokens(event: AgentEvent): boolean {
  return ['input_token_count', 'output_token_count'].some((key) => (numberOf(event, key) ?? 0) > 0)
}
