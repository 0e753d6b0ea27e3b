import type { Attributes } from '@opentelemetry/api'
import type { Collector } from './collector.ts'
import { resolveFields } from './content.ts'
import type { ContentPolicy } from './content.ts'
import type { ItemEncoder } from './delivery.ts'
import { BatchEncoder } from './encode-batch.ts'
import type { Batch } from './encode-batch.ts'
import { contentWriter } from './encode-content.ts'
import { writeLog, writeSpan } from './encode-record.ts'
import { Content } from './fields.ts'
import type { Fields } from './fields.ts'
import type { ProtoWriter } from './proto-writer.ts'
import type { LogRecord, SpanRecord } from './span-record.ts'

export type EncoderOptions = {
  readonly policy: ContentPolicy
  readonly maxBytes: number
  readonly collector: Collector
}

/** Encodes spans; their content as it is where the collector takes that, else serialised first. */
export function createSpanEncoder(options: EncoderOptions): ItemEncoder<SpanRecord> {
  const { policy, collector } = options
  const writeContent = contentWriter(policy)
  return new RecordEncoder(options, {
    contentOf: (span) => contentIn(span.parts),
    write: writeSpan,
    writeAtOnce: (writer, span) =>
      writeContent !== undefined &&
      collector.takesStructured &&
      writeSpan(writer, span, writeContent),
  })
}

/** Encodes scores and feedback. */
export function createLogEncoder(options: EncoderOptions): ItemEncoder<LogRecord> {
  return new RecordEncoder(options, {
    contentOf: (log) => log.fields,
    write: writeLog,
    writeAtOnce: () => false,
  })
}

/** The content that nothing said later has replaced. */
export function contentIn(parts: readonly Fields[]): Fields {
  const content: Fields = {}
  for (const part of parts) {
    for (const key in part) {
      const value = part[key]
      if (value instanceof Content) content[key] = value
      else if (value !== undefined && content[key] !== undefined) content[key] = undefined
    }
  }
  return content
}

type Form<T> = {
  readonly contentOf: (record: T) => Fields
  /** Writes a record whose content has become plain attributes. */
  readonly write: (writer: ProtoWriter, record: T, content: Attributes) => unknown
  /** Writes a record whose content need not become anything; false where it must. */
  readonly writeAtOnce: (writer: ProtoWriter, record: T) => boolean
}

class RecordEncoder<T extends SpanRecord | LogRecord> implements ItemEncoder<T> {
  readonly #batches: BatchEncoder
  readonly #policy: ContentPolicy
  readonly #form: Form<T>

  constructor({ policy, maxBytes }: EncoderOptions, form: Form<T>) {
    this.#batches = new BatchEncoder(maxBytes)
    this.#policy = policy
    this.#form = form
  }

  get count(): number {
    return this.#batches.count
  }

  get isFull(): boolean {
    return this.#batches.isFull
  }

  add(record: T): void | Promise<void> {
    const { writeAtOnce, contentOf } = this.#form
    if (this.#batches.add(record, (writer) => writeAtOnce(writer, record))) return undefined
    const content = resolveFields(contentOf(record), this.#policy)
    if (content instanceof Promise) return this.#addLater(record, content)
    this.#add(record, content)
    return undefined
  }

  take(): Batch | undefined {
    return this.#batches.take()
  }

  clear(): void {
    this.#batches.clear()
  }

  async #addLater(record: T, content: Promise<Attributes>): Promise<void> {
    this.#add(record, await content)
  }

  #add(record: T, content: Attributes): void {
    this.#batches.add(record, (writer) => this.#form.write(writer, record, content))
  }
}
