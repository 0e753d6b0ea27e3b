import { detectLanguage } from './content/packs.ts'
import { memoizeText } from './memoize-text.ts'
import { randomHex } from './random.ts'
import { charactersOfTokens } from './tokens.ts'
import { textOf } from './wire.ts'
import type { LanguagePack } from './content/language-pack.ts'
import type { Random } from './random.ts'
import type { ChatMessage, ChatRequest, ToolCall, ToolDefinition } from './wire.ts'

const MEDIAN_ANSWER_TOKENS = 170
const ANSWER_SIGMA = 0.45
const PREAMBLE_SHARE = 0.75

/** An answer in the language of the question, made of sentences of the sources that the request carries. */
export function composeAnswer(request: ChatRequest, random: Random): string {
  const text = textOf(lastOfRole(request.messages, 'user'))
  const pack = packFor(text)
  const targetLength = charactersOfTokens(random.logNormal(MEDIAN_ANSWER_TOKENS, ANSWER_SIGMA))
  const parts = [random.pick(pack.openings)]
  const toolSummary = summaryOf(request.messages.at(-1))
  if (toolSummary !== undefined) parts.push(toolSummary)
  const closing = random.pick(pack.closings)

  const sentences = candidateSentences(text, pack)
  const start = random.integer(sentences.length)
  let length = parts.join(' ').length + closing.length
  for (let step = 0; length < targetLength; step++) {
    const sentence = sentences[(start + step) % sentences.length] ?? closing
    parts.push(sentence)
    length += sentence.length + 1
  }
  return [...parts, closing].join(' ')
}

/** What the model says before a tool call: nothing in a quarter of the cases. */
export function composePreamble(request: ChatRequest, random: Random): string | null {
  const isSilent = random.uniform() >= PREAMBLE_SHARE
  const pack = packFor(textOf(lastOfRole(request.messages, 'user')))
  const preamble = random.pick(pack.preambles)
  return isSilent ? null : preamble
}

export function composeRefusal(request: ChatRequest): string {
  return packFor(textOf(lastOfRole(request.messages, 'user'))).refusal
}

/** A call of the tool that fits the question: an order look-up when it names an order, else another one. */
export function composeToolCalls(request: ChatRequest, random: Random, count: number): ToolCall[] {
  const tools = request.tools ?? []
  const question = firstParagraph(textOf(lastOfRole(request.messages, 'user')))
  const orderId = /\b[A-Z]{2}-\d{4,}\b/.exec(question)?.[0]
  const draw = random.integer(4_294_967_296)
  return Array.from({ length: Math.min(count, 4) }, (_, index) => {
    const tool = chooseTool(tools, orderId, draw + index)
    return {
      id: `call_${randomHex(random, 24)}`,
      type: 'function',
      function: { name: tool.function.name, arguments: toolArguments(tool, question, draw) },
    } satisfies ToolCall
  })
}

function chooseTool(
  tools: readonly ToolDefinition[],
  orderId: string | undefined,
  draw: number,
): ToolDefinition {
  const takesOrder = (tool: ToolDefinition) => 'order_id' in propertiesOf(tool)
  const fitting = tools.filter((tool) => takesOrder(tool) === (orderId !== undefined))
  const choices = fitting.length > 0 ? fitting : tools
  const tool = choices[draw % choices.length]
  if (tool === undefined) throw new Error('a tool call was asked for, but the request has no tools')
  return tool
}

function toolArguments(tool: ToolDefinition, question: string, draw: number): string {
  const values = Object.entries(propertiesOf(tool)).map(([name, schema]) => [
    name,
    argumentValue(name, schema, { question, draw }),
  ])
  return JSON.stringify(Object.fromEntries(values))
}

function argumentValue(
  name: string,
  schema: unknown,
  { question, draw }: { question: string; draw: number },
): unknown {
  const { type, enum: options } = (schema ?? {}) as { type?: string; enum?: unknown[] }
  if (Array.isArray(options) && options.length > 0) return options[draw % options.length]
  if (type === 'integer' || type === 'number') return 1 + (draw % 20)
  if (type === 'boolean') return draw % 2 === 0
  if (name === 'order_id') return /\b[A-Z]{2}-\d{4,}\b/.exec(question)?.[0] ?? 'SL-10000'
  return keywordsOf(question)
}

const keywordsOf = memoizeText((question) => {
  const words = question.split(/[^\p{L}\d-]+/u).filter((word) => word.length > 4)
  return words.slice(0, 4).join(' ').toLowerCase()
})

function propertiesOf(tool: ToolDefinition): Record<string, unknown> {
  const properties = tool.function.parameters?.['properties']
  return typeof properties === 'object' && properties !== null
    ? (properties as Record<string, unknown>)
    : {}
}

/** Sentences of the first sources in the question, or, where there are none, of what any shop knows. */
function candidateSentences(text: string, pack: LanguagePack): readonly string[] {
  const sentences = sourceSentences(text)
  if (sentences.length > 0) return sentences
  return Object.values(pack.facts)
    .flat()
    .filter((sentence) => !sentence.includes('{'))
}

const sourceSentences = memoizeText((text) =>
  text.split('\n\n').slice(1).filter(isProse).slice(0, 3).flatMap(sentencesOf),
)

/** The question alone tells the language; the sources may be in another one. */
function packFor(text: string): LanguagePack {
  return detectLanguage(firstParagraph(text))
}

/** The first line of a source is its title. */
function sentencesOf(source: string): string[] {
  return source.slice(source.indexOf('\n') + 1).split(/(?<=[.!?]) /)
}

function isProse(paragraph: string): boolean {
  return paragraph.length > 80 && paragraph.includes('. ')
}

/** Tools may return JSON with a sentence for the customer under `summary`. */
function summaryOf(message: ChatMessage | undefined): string | undefined {
  if (message?.role !== 'tool') return undefined
  return /"summary":"([^"\\]+)"/.exec(textOf(message))?.[1]
}

function firstParagraph(text: string): string {
  const end = text.indexOf('\n\n')
  return end === -1 ? text : text.slice(0, end)
}

function lastOfRole(messages: readonly ChatMessage[], role: ChatMessage['role']): ChatMessage {
  return messages.findLast((message) => message.role === role) ?? { role, content: '' }
}
