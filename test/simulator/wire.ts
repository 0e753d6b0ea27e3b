/** The part of the OpenAI chat format that the simulator reads and writes. */
export type ToolCall = {
  id: string
  type: 'function'
  function: { name: string; arguments: string }
}

export type ContentPart = { type: string; text?: string }

export type ChatMessage = {
  role: 'system' | 'developer' | 'user' | 'assistant' | 'tool'
  content?: string | ContentPart[] | null
  tool_calls?: ToolCall[]
  tool_call_id?: string
}

export type ToolDefinition = {
  type: 'function'
  function: { name: string; description?: string; parameters?: Record<string, unknown> }
}

export type ChatRequest = {
  model: string
  messages: ChatMessage[]
  tools?: ToolDefinition[]
  tool_choice?: unknown
  stream?: boolean | null
  stream_options?: { include_usage?: boolean } | null
  max_tokens?: number | null
  max_completion_tokens?: number | null
  n?: number | null
  response_format?: { type?: string } | null
}

export type FinishReason = 'stop' | 'length' | 'tool_calls' | 'content_filter'

export type Choice = {
  index: number
  content: string | null
  refusal: string | null
  toolCalls: ToolCall[]
  finishReason: FinishReason
}

export type TokenUsage = {
  promptTokens: number
  cachedTokens: number
  completionTokens: number
  reasoningTokens: number
}

/** The text of a message's content, parts joined by line breaks. */
export function textOf(message: ChatMessage): string {
  if (typeof message.content === 'string') return message.content
  return (message.content ?? []).map((part) => part.text ?? '').join('\n')
}

export function usageBody(usage: TokenUsage): Record<string, unknown> {
  return {
    prompt_tokens: usage.promptTokens,
    completion_tokens: usage.completionTokens,
    total_tokens: usage.promptTokens + usage.completionTokens,
    prompt_tokens_details: { cached_tokens: usage.cachedTokens, audio_tokens: 0 },
    completion_tokens_details: {
      reasoning_tokens: usage.reasoningTokens,
      audio_tokens: 0,
      accepted_prediction_tokens: 0,
      rejected_prediction_tokens: 0,
    },
  }
}
