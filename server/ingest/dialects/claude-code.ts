import type { Dialect, DialectView } from './dialect.ts'

/** Spans of Claude Code (its traces beta): plain names of its own beside a few of OTel's. */
export const claudeCode: Dialect = {
  name: 'claude-code',
  markers: [],
  scope: /^com\.anthropic\.claude_code/,
  kinds: [{ key: 'span.type', types: { interaction: 'agent', llm_request: 'llm', tool: 'tool' } }],
  fields: {
    requestModel: [{ key: 'model', when: isCall }],
    inputTokens: ['input_tokens'],
    outputTokens: ['output_tokens'],
    cacheReadTokens: ['cache_read_tokens'],
    cacheWriteTokens: ['cache_creation_tokens'],
    senderCost: ['cost_usd'],
    ttft: [{ key: 'ttft_ms', unit: 'ms' }],
    finishReasons: ['stop_reason'],
    failed: [{ key: 'success', read: (view) => isFalse(view.value('success')) }],
    errorMessage: ['error', 'error_message'],
    errorStatusCode: ['status_code'],
    userId: ['user.account_uuid', 'user.email'],
    agentName: ['agent.name'],
    toolName: ['tool_name'],
    toolCallId: ['tool_use_id'],
    toolArguments: ['tool_input', 'tool_parameters'],
    toolResult: ['tool_result', 'tool_output'],
  },
  // The id of the request, not of the message.
  hides: { responseId: ['gen_ai.response.id'] },
  isTtftOfAnyCall: true,
  counting: () => ({ cache: 'exclusive' }),
}

function isCall(view: DialectView): boolean {
  return view.type === 'llm'
}

function isFalse(value: unknown): boolean {
  return value === false || value === 'false'
}
