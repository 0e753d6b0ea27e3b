import { appendText } from '../core/append-text.ts'
import { copyData } from '../core/copy-data.ts'
import type { MessagePart, ModelCallResponse } from '../core/model-call.ts'
import { asInteger, asRecord, asString, asText, parseJsonText } from '../core/read.ts'
import type { UnknownRecord } from '../core/read.ts'
import type { StreamObserver } from '../tap/call-recorder.ts'
import { toPart } from './anthropic-blocks.ts'
import { toExplanation, toResponse } from './anthropic-messages.ts'

// A stream that never ends must not grow a span without bound.
const MAX_BLOCKS = 1_000

type Block = {
  readonly type: string
  /** The block as it began; deltas add to what is beside it. */
  readonly begun: MessagePart
  text: string
}

/** Puts the events of a streamed message together, without keeping any of them. */
export class MessageStreamObserver implements StreamObserver {
  readonly #maxChars: number
  readonly #blocks: Block[] = []
  #id: string | undefined
  #model: string | undefined
  #stopReason: string | undefined
  #explanation: string | undefined
  #usage: Record<string, unknown> | undefined
  #isWhole = false

  constructor(maxChars: number) {
    this.#maxChars = maxChars
  }

  /** Takes one event; true when it carries something of the answer. */
  add(value: unknown): boolean {
    const event = asRecord(value)
    switch (event?.['type']) {
      case 'content_block_delta':
        return this.#addDelta(event)
      case 'content_block_start':
        return this.#beginBlock(event)
      case 'message_start':
        this.#begin(asRecord(event['message']) ?? {})
        return false
      case 'message_delta':
        this.#finish(event)
        return false
      case 'message_stop':
        this.#isWhole = true
        return false
      default:
        return false
    }
  }

  isWhole(): boolean {
    return this.#isWhole
  }

  response(): ModelCallResponse {
    return toResponse({
      id: this.#id,
      model: this.#model,
      // filter() also closes the holes that an index out of order leaves.
      parts: this.#blocks.filter(Boolean).map(toFinalPart),
      stopReason: this.#stopReason,
      explanation: this.#explanation,
      usage: this.#usage,
    })
  }

  #begin(message: UnknownRecord): void {
    this.#id = asString(message['id'])
    this.#model = asString(message['model'])
    this.#addUsage(message['usage'])
    // What it counts of the output is only the beginning; the true count comes at the end.
    if (this.#usage !== undefined) delete this.#usage['output_tokens']
  }

  #finish(event: UnknownRecord): void {
    const delta = asRecord(event['delta'])
    this.#stopReason = asString(delta?.['stop_reason']) ?? this.#stopReason
    this.#explanation = toExplanation(delta?.['stop_details']) ?? this.#explanation
    this.#addUsage(event['usage'])
  }

  /** Counts are cumulative: a later one stands for those before. */
  #addUsage(value: unknown): void {
    const usage = asRecord(value)
    if (usage === undefined) return
    this.#usage ??= {}
    for (const key of Object.keys(usage)) {
      const count = usage[key]
      if (count !== null && count !== undefined) this.#usage[key] = copyData(count)
    }
  }

  #beginBlock(event: UnknownRecord): boolean {
    const index = asInteger(event['index']) ?? this.#blocks.length
    const block = asRecord(event['content_block'])
    if (block === undefined || index < 0 || index >= MAX_BLOCKS) return false
    const type = asString(block['type']) ?? 'unknown'
    const text = asString(block['text']) ?? asString(block['thinking']) ?? ''
    this.#blocks[index] = { type, begun: toPart(block), text }
    // Text and thinking begin empty; every other kind already says what it is.
    return text !== '' || (type !== 'text' && type !== 'thinking')
  }

  #addDelta(event: UnknownRecord): boolean {
    const index = event['index']
    const block = typeof index === 'number' ? this.#blocks[index] : undefined
    const delta = asRecord(event['delta'])
    if (block === undefined || delta === undefined) return false
    const more = textOf(delta)
    if (more === undefined) return false
    block.text = appendText(block.text, more, this.#maxChars)
    return true
  }
}

/** What a delta adds; undefined for signatures, citations and empty pieces. */
function textOf(delta: UnknownRecord): string | undefined {
  switch (delta['type']) {
    case 'text_delta':
      return asText(delta['text'])
    case 'thinking_delta':
      return asText(delta['thinking'])
    case 'input_json_delta':
      return asText(delta['partial_json'])
    case 'compaction_delta':
      return asText(delta['content'])
    default:
      return undefined
  }
}

function toFinalPart({ type, begun, text }: Block): MessagePart {
  if (text === '') return begun
  if (begun.type === 'tool_call') return { ...begun, arguments: parseJsonText(text) }
  if (begun.type === 'server_tool_call') {
    const input = parseJsonText(text)
    const called = typeof input === 'object' ? (input as UnknownRecord) : { input_json: text }
    return { ...begun, server_tool_call: { ...called, type: begun['name'] } }
  }
  return type === 'redacted_thinking' ? begun : { ...begun, content: text }
}
