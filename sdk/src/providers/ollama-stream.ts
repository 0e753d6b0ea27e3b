import { appendText } from '../core/append-text.ts'
import type { MessagePart, ModelCallResponse } from '../core/model-call.ts'
import { asArray, asRecord } from '../core/read.ts'
import type { UnknownRecord } from '../core/read.ts'
import type { StreamObserver } from '../tap/call-recorder.ts'
import { describeAnswer } from './ollama-chat.ts'
import { toImages, toToolCall } from './ollama-messages.ts'

// Far more than any answer has; keeps a broken stream from growing without end.
const MAX_PARTS = 1_000

/**
 * Puts a stream's lines together into what the same call without streaming answers. Keeps no line but
 * the last one's figures: the application owns them. Texts stop growing at `maxChars` each.
 */
export class OllamaStreamAssembler implements StreamObserver {
  readonly #maxChars: number
  #thinking = ''
  #content = ''
  readonly #others: MessagePart[] = []
  #model: unknown
  #end: UnknownRecord | undefined

  constructor(maxChars: number) {
    this.#maxChars = maxChars
  }

  add(value: unknown): boolean {
    const line = asRecord(value)
    if (line === undefined) return false
    this.#model ??= line['model']
    if (line['done'] === true) this.#end = { ...line }
    const message = asRecord(line['message'])
    const content = message === undefined ? line['response'] : message['content']
    const thinking = message === undefined ? line['thinking'] : message['thinking']
    let hasContent = false
    if (typeof thinking === 'string' && thinking !== '') {
      this.#thinking = appendText(this.#thinking, thinking, this.#maxChars)
      hasContent = true
    }
    if (typeof content === 'string' && content !== '') {
      this.#content = appendText(this.#content, content, this.#maxChars)
      hasContent = true
    }
    return this.#addOthers(message, line) || hasContent
  }

  isWhole(): boolean {
    return this.#end !== undefined
  }

  response(): ModelCallResponse {
    const parts: MessagePart[] = []
    if (this.#thinking !== '') parts.push({ type: 'reasoning', content: this.#thinking })
    const isEmptyAnswer = this.#end !== undefined && this.#others.length === 0
    if (this.#content !== '' || isEmptyAnswer) parts.push({ type: 'text', content: this.#content })
    return describeAnswer({
      parts: [...parts, ...this.#others],
      end: this.#end ?? { model: this.#model },
    })
  }

  #addOthers(message: UnknownRecord | undefined, line: UnknownRecord): boolean {
    const images = message?.['images'] ?? (line['image'] === undefined ? [] : [line['image']])
    const calls = asArray(message?.['tool_calls'])
    if (calls.length === 0 && asArray(images).length === 0) return false
    for (const part of [...toImages(images), ...calls.map(toToolCall)]) {
      if (this.#others.length < MAX_PARTS) this.#others.push(part)
    }
    return true
  }
}
