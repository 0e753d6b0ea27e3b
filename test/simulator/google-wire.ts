import type { ChatMessage, ChatRequest, ToolDefinition } from './wire.ts'

/** The part of Gemini's REST format that the simulator reads. */
export type GooglePart = {
  text?: string
  thought?: boolean
  thoughtSignature?: string
  inlineData?: { mimeType?: string; data?: string }
  functionCall?: { id?: string; name: string; args?: unknown }
  functionResponse?: { id?: string; name: string; response?: unknown }
}

export type GoogleContent = { role?: string; parts?: GooglePart[] }

export type GoogleRequest = {
  contents?: GoogleContent[]
  systemInstruction?: GoogleContent
  tools?: { functionDeclarations?: GoogleFunction[] }[]
  generationConfig?: {
    candidateCount?: number
    maxOutputTokens?: number
    thinkingConfig?: { includeThoughts?: boolean }
  }
  cachedContent?: string
  continuationToken?: string
}

type GoogleFunction = {
  name: string
  description?: string
  parameters?: Record<string, unknown>
  parametersJsonSchema?: Record<string, unknown>
}

/** The same request in the format that answers are composed from. */
export function toChatRequest(model: string, request: GoogleRequest): ChatRequest {
  const { contents = [], systemInstruction, tools = [], generationConfig } = request
  const system: ChatMessage[] =
    systemInstruction === undefined ? [] : [{ role: 'system', content: textIn(systemInstruction) }]
  const functions = tools.flatMap(({ functionDeclarations = [] }) => functionDeclarations)
  return {
    model,
    messages: [...system, ...contents.flatMap(toChatMessages)],
    n: generationConfig?.candidateCount ?? 1,
    max_tokens: generationConfig?.maxOutputTokens ?? null,
    ...(functions.length === 0 ? {} : { tools: functions.map(toTool) }),
  }
}

function toChatMessages(content: GoogleContent): ChatMessage[] {
  const answers = (content.parts ?? []).flatMap(({ functionResponse }) =>
    functionResponse === undefined ? [] : [functionResponse],
  )
  if (answers.length > 0) {
    return answers.map(({ response }) => ({ role: 'tool', content: JSON.stringify(response) }))
  }
  const text = textIn(content)
  if (content.role !== 'model') return [{ role: 'user', content: text }]
  const calls = (content.parts ?? []).flatMap(({ functionCall }) =>
    functionCall === undefined ? [] : [functionCall],
  )
  return [
    {
      role: 'assistant',
      content: text,
      tool_calls: calls.map(({ id = '', name, args }) => ({
        id,
        type: 'function',
        function: { name, arguments: JSON.stringify(args ?? {}) },
      })),
    },
  ]
}

/** JSON Schema names its types in lower case, Gemini's own schema in upper case. */
function toTool({ name, parameters, parametersJsonSchema }: GoogleFunction): ToolDefinition {
  const schema = parametersJsonSchema ?? parameters
  const properties = Object.entries((schema?.['properties'] ?? {}) as Record<string, object>).map(
    ([key, property]) => [
      key,
      { ...property, type: String((property as { type?: string }).type).toLowerCase() },
    ],
  )
  return {
    type: 'function',
    function: { name, parameters: { type: 'object', properties: Object.fromEntries(properties) } },
  }
}

export function textIn({ parts = [] }: GoogleContent): string {
  return parts
    .map(({ text, inlineData }) => text ?? (inlineData === undefined ? '' : '[media]'))
    .filter((text) => text !== '')
    .join('\n')
}
