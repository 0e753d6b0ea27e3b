import { appendText } from '../core/append-text.ts'
import { copyData } from '../core/copy-data.ts'
import type { MessagePart, ModelCallResponse } from '../core/model-call.ts'
import { asRecord, asString, asText } from '../core/read.ts'
import type { UnknownRecord } from '../core/read.ts'
import { toTextMessage } from './openai-media.ts'
import { toUsage, usageParameters } from './openai-usage.ts'

/** The events of a streamed transcription or image: texts in pieces, whole images, usage at the end. */
export class MediaStreamAssembler {
  readonly #maxChars: number
  readonly #images: MessagePart[] = []
  #text = ''
  #usage: unknown

  constructor(maxChars: number) {
    this.#maxChars = maxChars
  }

  /** Takes one event; true when it carries content. */
  add(value: unknown): boolean {
    const event = asRecord(value)
    const type = asString(event?.['type'])
    if (event === undefined || type === undefined) return false
    const { usage } = event
    if (usage !== undefined) this.#usage = copyData(usage)
    if (type.endsWith('.delta')) return this.#addText(event['delta'])
    if (type.endsWith('.completed')) return this.#addImage(event)
    if (type === 'transcript.text.done') this.#text = asText(event['text']) ?? this.#text
    return type.endsWith('.partial_image')
  }

  #addText(delta: unknown): boolean {
    if (typeof delta !== 'string' || delta === '') return false
    this.#text = appendText(this.#text, delta, this.#maxChars)
    return true
  }

  #addImage(event: UnknownRecord): boolean {
    const content = asText(event['b64_json'])
    if (content === undefined) return false
    const mimeType = `image/${asText(event['output_format']) ?? 'png'}`
    this.#images.push({ type: 'blob', modality: 'image', mime_type: mimeType, content })
    return true
  }

  response(): ModelCallResponse {
    const texts = this.#text === '' ? [] : [toTextMessage(this.#text)]
    const images = this.#images.map((part) => ({ role: 'assistant', parts: [part] }))
    return {
      finishReasons: [],
      messages: [...texts, ...images],
      usage: toUsage(this.#usage),
      parameters: usageParameters(this.#usage),
    }
  }
}
