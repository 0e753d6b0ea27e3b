import type { Attributes } from '@opentelemetry/api'
import { resolveFields } from './content.ts'
import type { ContentPolicy } from './content.ts'
import type { ItemEncoder } from './delivery.ts'
import { BatchEncoder } from './encode-batch.ts'
import type { Batch } from './encode-batch.ts'
import type { ProtoWriter } from './proto-writer.ts'
import type { LogRecord, SpanRecord } from './span-record.ts'

type AnyRecord = SpanRecord | LogRecord

/** Writes a record whose content has become plain attributes. */
type WriteRecord<T> = (writer: ProtoWriter, record: T, attributes: Attributes) => void

/** Serialises the content of records, and encodes them. */
export class RecordEncoder<T extends AnyRecord> implements ItemEncoder<T> {
  readonly #batches: BatchEncoder
  readonly #policy: ContentPolicy
  readonly #write: WriteRecord<T>

  constructor(
    write: WriteRecord<T>,
    { policy, maxBytes }: { readonly policy: ContentPolicy; readonly maxBytes: number },
  ) {
    this.#batches = new BatchEncoder(maxBytes)
    this.#policy = policy
    this.#write = write
  }

  get count(): number {
    return this.#batches.count
  }

  get isFull(): boolean {
    return this.#batches.isFull
  }

  add(record: T): void | Promise<void> {
    const attributes = resolveFields(record.fields, this.#policy)
    if (attributes instanceof Promise) return this.#addLater(record, attributes)
    this.#add(record, attributes)
    return undefined
  }

  take(): Batch | undefined {
    return this.#batches.take()
  }

  clear(): void {
    this.#batches.clear()
  }

  async #addLater(record: T, attributes: Promise<Attributes>): Promise<void> {
    this.#add(record, await attributes)
  }

  #add(record: T, attributes: Attributes): void {
    this.#batches.add(record, (writer) => this.#write(writer, record, attributes))
  }
}
