import { appendText } from '../core/append-text.ts'
import type { MessagePart, ModelCallResponse } from '../core/model-call.ts'
import { asArray, asInteger, asRecord, asString } from '../core/read.ts'
import type { UnknownRecord } from '../core/read.ts'
import { toFailure } from './openai-failure.ts'
import { toItemParts } from './openai-response-items.ts'
import { describeResponse, toResponsesResponse } from './openai-responses.ts'

/** An output item in the making; `parts` once the provider has sent it whole. */
type Item = { type: string; id: string; name: string; text: string[]; parts?: MessagePart[] }

// Far more than any provider sends; keeps a broken index from growing an array without end.
const MAX_ITEMS = 256

/**
 * Puts the events of a response's stream together. Keeps no event: the application owns them. The event
 * that ends the stream has the whole response; before it, the items that came and the texts so far.
 */
export class ResponsesStreamAssembler {
  readonly #maxChars: number
  readonly #items: (Item | undefined)[] = []
  #head: UnknownRecord = {}
  #whole: ModelCallResponse | undefined
  #failure: Error | undefined

  constructor(maxChars: number) {
    this.#maxChars = maxChars
  }

  /** Takes one event; true when it carries content rather than tells of the response's course. */
  add(value: unknown): boolean {
    const event = asRecord(value)
    const type = event?.['type']
    if (event === undefined || typeof type !== 'string') return false
    if (type.endsWith('.delta')) return this.#addDelta(event, type)
    const read = Object.hasOwn(EVENT_READERS, type) ? EVENT_READERS[type] : undefined
    read?.(this, event)
    return false
  }

  response(): ModelCallResponse {
    if (this.#whole !== undefined) return this.#whole
    const items = this.#items.filter((item) => item !== undefined)
    const response = describeResponse(
      this.#head,
      items.flatMap((item) => item.parts ?? toItemParts(toWireItem(item))),
    )
    return this.#failure === undefined ? response : { ...response, failure: this.#failure }
  }

  begin({ response }: UnknownRecord): void {
    const { id, model, service_tier: serviceTier } = asRecord(response) ?? {}
    this.#head = { id, model, service_tier: serviceTier }
  }

  end({ response }: UnknownRecord): void {
    this.#whole = toResponsesResponse(response)
  }

  fail(event: UnknownRecord): void {
    this.#failure = toFailure(event['error'] ?? event)
  }

  beginItem(event: UnknownRecord): void {
    const item = asRecord(event['item'])
    const index = indexOf(event)
    if (item === undefined || index === undefined) return
    this.#items[index] = {
      type: asString(item['type']) ?? 'message',
      id: asString(item['call_id']) ?? asString(item['id']) ?? '',
      name: asString(item['name']) ?? '',
      text: [],
    }
  }

  endItem(event: UnknownRecord): void {
    const index = indexOf(event)
    const item = index === undefined ? undefined : this.#items[index]
    if (item !== undefined) item.parts = toItemParts(asRecord(event['item']))
  }

  #addDelta(event: UnknownRecord, type: string): boolean {
    const { delta } = event
    const index = indexOf(event)
    const item = index === undefined ? undefined : this.#items[index]
    if (typeof delta !== 'string') return false
    // Sound is not kept; that it came is enough.
    if (item !== undefined && !type.startsWith('response.audio.')) {
      const place = asInteger(event['content_index']) ?? asInteger(event['summary_index']) ?? 0
      if (place >= 0 && place < MAX_ITEMS) {
        const text = item.text[place] ?? ''
        item.text[place] = appendText(text, delta, this.#maxChars)
        if (type === 'response.refusal.delta') item.type = 'refusal'
      }
    }
    return delta !== ''
  }
}

type EventReader = (assembler: ResponsesStreamAssembler, event: UnknownRecord) => void

const begin: EventReader = (assembler, event) => assembler.begin(event)
const end: EventReader = (assembler, event) => assembler.end(event)

const EVENT_READERS: Readonly<Record<string, EventReader>> = {
  'response.created': begin,
  'response.queued': begin,
  'response.in_progress': begin,
  'response.completed': end,
  'response.incomplete': end,
  'response.failed': end,
  'response.cancelled': end,
  'response.output_item.added': (assembler, event) => assembler.beginItem(event),
  'response.output_item.done': (assembler, event) => assembler.endItem(event),
  error: (assembler, event) => assembler.fail(event),
}

function indexOf(event: UnknownRecord): number | undefined {
  const index = asInteger(event['output_index'])
  return index === undefined || index < 0 || index >= MAX_ITEMS ? undefined : index
}

/** An item that was cut off, in the shape that the provider would have sent it in. */
function toWireItem({ type, id, name, text }: Item): UnknownRecord {
  const texts = asArray(text).filter(Boolean)
  const all = texts.join('')
  if (type === 'message') {
    return { type, content: texts.map((part) => ({ type: 'output_text', text: part })) }
  }
  if (type === 'refusal') return { type: 'message', content: [{ type, refusal: all }] }
  if (type === 'reasoning') return { type, summary: texts.map((part) => ({ text: part })) }
  return { type, call_id: id, id, name, arguments: all, input: all }
}
