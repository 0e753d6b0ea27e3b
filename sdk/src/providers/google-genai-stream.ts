import { appendText } from '../core/append-text.ts'
import type { MessagePart, ModelCallResponse } from '../core/model-call.ts'
import { asArray, asInteger, asRecord, asString, asText } from '../core/read.ts'
import type { UnknownRecord } from '../core/read.ts'
import type { StreamObserver } from '../tap/call-recorder.ts'
import { describeAnswer } from './google-genai-generate.ts'
import { toPart } from './google-genai-messages.ts'

type GrowingText = { readonly type: 'text' | 'reasoning'; content: string }

type Candidate = {
  readonly parts: MessagePart[]
  /** The last part, where more text may follow. */
  text: GrowingText | undefined
  finishReason: string | undefined
}

// Far more than any answer has; keeps a broken stream from growing without end.
const MAX_CANDIDATES = 64
const MAX_PARTS = 1_000
const MAX_TEXTS = 8
const MAX_MEDIA_CHARS = 8_000_000

/**
 * Puts a stream's chunks together into what the same call without streaming answers. Keeps no chunk:
 * the application owns them. Texts stop growing at `maxChars` each, and all of them together at eight
 * times that.
 */
export class GenerateStreamAssembler implements StreamObserver {
  readonly #maxChars: number
  readonly #candidates: Candidate[] = []
  #textChars = 0
  #mediaChars = 0
  #id: string | undefined
  #model: string | undefined
  #usage: unknown
  #promptFeedback: unknown

  constructor(maxChars: number) {
    this.#maxChars = maxChars
  }

  add(value: unknown): boolean {
    const chunk = asRecord(value)
    if (chunk === undefined) return false
    this.#id ??= asString(chunk['responseId'])
    this.#model ??= asString(chunk['modelVersion'])
    // Each chunk tells the whole usage so far.
    this.#usage = chunk['usageMetadata'] ?? this.#usage
    this.#promptFeedback = chunk['promptFeedback'] ?? this.#promptFeedback
    let hasContent = false
    for (const item of asArray(chunk['candidates'])) {
      if (this.#addCandidate(asRecord(item) ?? {})) hasContent = true
    }
    return hasContent
  }

  response(): ModelCallResponse {
    return describeAnswer({
      id: this.#id,
      model: this.#model,
      usage: this.#usage,
      promptFeedback: this.#promptFeedback,
      // filter() also closes the holes that an index out of order leaves.
      candidates: this.#candidates.filter(Boolean),
    })
  }

  #addCandidate(value: UnknownRecord): boolean {
    const index = asInteger(value['index']) ?? 0
    if (index < 0 || index >= MAX_CANDIDATES) return false
    const candidate = (this.#candidates[index] ??= {
      parts: [],
      text: undefined,
      finishReason: undefined,
    })
    candidate.finishReason = asText(value['finishReason']) ?? candidate.finishReason
    let hasContent = false
    for (const item of asArray(asRecord(value['content'])?.['parts'])) {
      const part = asRecord(item)
      if (part !== undefined && this.#addPart(candidate, part)) hasContent = true
    }
    return hasContent
  }

  #addPart(candidate: Candidate, part: UnknownRecord): boolean {
    const text = part['text']
    if (typeof text === 'string') {
      if (text !== '')
        this.#addText(candidate, part['thought'] === true ? 'reasoning' : 'text', text)
      return text !== ''
    }
    candidate.text = undefined
    if (candidate.parts.length < MAX_PARTS) candidate.parts.push(this.#withoutExcess(toPart(part)))
    return true
  }

  #addText(candidate: Candidate, type: GrowingText['type'], text: string): void {
    if (this.#textChars > this.#maxChars * MAX_TEXTS) return
    this.#textChars += text.length
    const last = candidate.text
    if (last?.type === type) {
      last.content = appendText(last.content, text, this.#maxChars)
    } else if (candidate.parts.length < MAX_PARTS) {
      candidate.text = { type, content: text }
      candidate.parts.push(candidate.text)
    }
  }

  /** Spoken answers come as audio without end; beyond a limit only the fact is kept. */
  #withoutExcess(part: MessagePart): MessagePart {
    const { content, ...rest } = part
    if (part.type !== 'blob' || typeof content !== 'string') return part
    this.#mediaChars += content.length
    return this.#mediaChars <= MAX_MEDIA_CHARS ? part : rest
  }
}
