import { countTokens } from './tokens.ts'
import type { ChatMessage, ChatRequest, ToolDefinition } from './wire.ts'

/** The part of Anthropic's Messages format that the simulator reads. */
export type MessagesRequest = {
  model: string
  max_tokens: number
  messages: AnthropicMessage[]
  system?: string | Block[]
  tools?: AnthropicTool[]
  tool_choice?: { type: string }
  stop_sequences?: string[]
  stream?: boolean
  thinking?: { type: string }
  output_config?: { format?: { type: string; schema?: JsonSchema } }
  output_format?: { type: string; schema?: JsonSchema }
}

export type Block = { readonly type: string; readonly [field: string]: unknown }
export type AnthropicMessage = { role: 'user' | 'assistant'; content: string | Block[] }
type AnthropicTool = { type?: string; name: string; input_schema?: Record<string, unknown> }

export type JsonSchema = {
  readonly type?: string
  readonly properties?: Readonly<Record<string, JsonSchema>>
  readonly items?: JsonSchema
  readonly enum?: readonly unknown[]
}

/** What is wrong with a request, in Anthropic's words for it; undefined when it can be answered. */
export function findFault(body: unknown): string | undefined {
  if (typeof body !== 'object' || body === null) return 'The request body is not a JSON object.'
  const { model, messages, max_tokens: limit } = body as Partial<MessagesRequest>
  if (typeof model !== 'string' || model === '') return 'model: Field required'
  if (!Array.isArray(messages) || messages.length === 0) {
    return 'messages: at least one message is required'
  }
  const bad = messages.findIndex(({ role }) => role !== 'user' && role !== 'assistant')
  if (bad !== -1) return `messages.${bad}.role: Input should be 'user' or 'assistant'`
  if (typeof limit !== 'number') return 'max_tokens: Field required'
  return limit < 1 ? 'max_tokens: must be greater than or equal to 1' : undefined
}

/** The same request as the simulated model reads it. */
export function toChatRequest(request: MessagesRequest): ChatRequest {
  const system: ChatMessage[] =
    request.system === undefined ? [] : [{ role: 'system', content: textOf(request.system) }]
  const tools = (request.tools ?? []).filter(isOwnTool).map(toDefinition)
  return {
    model: request.model,
    messages: [...system, ...request.messages.flatMap(toChatMessages)],
    max_tokens: request.max_tokens,
    ...(tools.length === 0 ? {} : { tools }),
    ...(request.tool_choice?.type === 'none' ? { tool_choice: 'none' } : {}),
  }
}

/** The application's own, rather than one that runs at the provider. */
function isOwnTool({ type = 'custom' }: AnthropicTool): boolean {
  return type === 'custom'
}

export function searchesTheWeb({ tools = [] }: MessagesRequest): boolean {
  return tools.some(({ type }) => type?.startsWith('web_search_') === true)
}

export function outputSchema(request: MessagesRequest): JsonSchema | undefined {
  return request.output_config?.format?.schema ?? request.output_format?.schema
}

function toDefinition({ name, input_schema: parameters }: AnthropicTool): ToolDefinition {
  return {
    type: 'function',
    function: { name, ...(parameters === undefined ? {} : { parameters }) },
  }
}

function toChatMessages({ role, content }: AnthropicMessage): ChatMessage[] {
  if (typeof content === 'string') return [{ role, content }]
  const answers = content.filter(({ type }) => type === 'tool_result')
  const calls = content.filter(({ type }) => type === 'tool_use')
  const rest = content.filter(({ type }) => type !== 'tool_result' && type !== 'tool_use')
  const said: ChatMessage[] =
    rest.length === 0 && calls.length === 0
      ? []
      : [
          {
            role,
            content: textOf(rest),
            ...(calls.length === 0 ? {} : { tool_calls: calls.map(toToolCall) }),
          },
        ]
  return [
    ...said,
    ...answers.map(({ tool_use_id: id, content: answer }): ChatMessage => ({
      role: 'tool',
      content: textOf(answer as string | Block[]),
      tool_call_id: String(id),
    })),
  ]
}

function toToolCall({ id, name, input }: Block) {
  const target = { name: String(name), arguments: JSON.stringify(input) }
  return { id: String(id), type: 'function' as const, function: target }
}

function textOf(content: string | readonly Block[] | undefined): string {
  if (typeof content === 'string') return content
  return (content ?? []).map(({ text }) => (typeof text === 'string' ? text : '')).join('\n')
}

export type CachedTokens = { readonly fiveMinutes: number; readonly oneHour: number }

/** Tokens of the blocks that ask to be cached. */
export function tokensToCache(request: MessagesRequest): CachedTokens {
  const blocks = [
    ...(Array.isArray(request.system) ? request.system : []),
    ...request.messages.flatMap(({ content }) => (Array.isArray(content) ? content : [])),
  ]
  let fiveMinutes = 0
  let oneHour = 0
  for (const block of blocks) {
    const control = block['cache_control'] as { ttl?: string } | null | undefined
    if (control === undefined || control === null) continue
    const tokens = countTokens(textOf([block]))
    if (control.ttl === '1h') oneHour += tokens
    else fiveMinutes += tokens
  }
  return { fiveMinutes, oneHour }
}
