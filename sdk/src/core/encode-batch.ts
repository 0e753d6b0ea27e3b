import type { Attributes } from '@opentelemetry/api'
import { writeAttributes } from './encode-attributes.ts'
import { ProtoWriter, varintSize } from './proto-writer.ts'
import { RESOURCE_SDK_DROPPED } from './semconv.ts'
import type { Scope } from './span-record.ts'

/** Who a record belongs to. */
type Owner = { readonly resource: Attributes; readonly scope: Scope }

/** What stands on the wire around the records of one resource and scope. */
type Group = {
  readonly resource: Attributes
  /** The resource's attributes, each as a field of Resource. */
  readonly resourceFields: Uint8Array
  readonly scopeField: Uint8Array
  readonly schemaUrlField: Uint8Array
}

/** Where an encoded record lies. */
type Piece = { readonly group: Group; readonly start: number; readonly end: number }

/** Encoded records on their way to the collector; good until more are encoded. */
export interface Batch {
  readonly count: number
  /** The request's body, good until the next; once spans were dropped it carries the count so far. */
  body(dropped: number): Uint8Array
  /** The same records in two batches. */
  halves(): readonly Batch[]
}

// Tags, lengths and the count of what was dropped, for each resource and scope.
const GROUP_OVERHEAD = 80
const MAX_KEPT_BYTES = 4 * 1_024 * 1_024
/** Room before the first record, so that nearly every body is complete without copying its records. */
const HEAD_BYTES = 4 * 1_024

/** Encodes records one after the other and cuts batches by their encoded size. */
export class BatchEncoder {
  readonly #maxBytes: number
  #writer = newWriter()
  #pieces: Piece[] = []
  #taken = 0
  #size = 0
  readonly #inBatch = new Set<Group>()
  readonly #groups = new WeakMap<Attributes, WeakMap<Scope, Group>>()

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
  }

  /** Records encoded and not taken. */
  get count(): number {
    return this.#pieces.length - this.#taken
  }

  /** Whether there is enough for a batch; what was taken last no longer counts. */
  get isFull(): boolean {
    return this.#taken === 0 && this.#size >= this.#maxBytes
  }

  /**
   * Encodes one record; one that fails, or of which `write` answers false, leaves nothing behind. Answers
   * whether it was added. Ends the life of the batch taken last.
   */
  add({ resource, scope }: Owner, write: (writer: ProtoWriter) => unknown): boolean {
    this.#release()
    const group = this.#groupOf(resource, scope)
    const writer = this.#writer
    const start = writer.at
    let isWritten = false
    try {
      isWritten = write(writer) !== false
    } finally {
      if (!isWritten) writer.at = start
    }
    if (isWritten) this.#push({ group, start, end: writer.at })
    return isWritten
  }

  /** The oldest records up to the limit, at least one; undefined when there are none. */
  take(): Batch | undefined {
    this.#release()
    const { length } = this.#pieces
    // Only the last one can be one too many: nothing is added to a full batch.
    this.#taken = this.#size > this.#maxBytes && length > 1 ? length - 1 : length
    if (this.#taken === 0) return undefined
    return new EncodedBatch(this.#writer.bytes, this.#pieces.slice(0, this.#taken), HEAD_BYTES)
  }

  /** Forgets everything. */
  clear(): void {
    this.#taken = this.#pieces.length
    this.#release()
  }

  /** Forgets what was taken and moves the rest to the front. */
  #release(): void {
    if (this.#taken === 0) return
    const rest = this.#pieces.slice(this.#taken)
    const old = this.#writer.bytes
    if (old.length > MAX_KEPT_BYTES) this.#writer = newWriter()
    this.#pieces = []
    this.#taken = 0
    this.#size = 0
    this.#inBatch.clear()
    this.#writer.at = HEAD_BYTES
    for (const { group, start, end } of rest) {
      const to = this.#writer.at
      this.#writer.raw(old.subarray(start, end))
      this.#push({ group, start: to, end: this.#writer.at })
    }
  }

  #push(piece: Piece): void {
    const { group, start, end } = piece
    this.#pieces.push(piece)
    this.#size += end - start
    if (this.#inBatch.has(group)) return
    this.#inBatch.add(group)
    const { resourceFields, scopeField, schemaUrlField } = group
    this.#size += resourceFields.length + scopeField.length + schemaUrlField.length + GROUP_OVERHEAD
  }

  #groupOf(resource: Attributes, scope: Scope): Group {
    let scopes = this.#groups.get(resource)
    if (scopes === undefined) {
      scopes = new WeakMap()
      this.#groups.set(resource, scopes)
    }
    let group = scopes.get(scope)
    if (group === undefined) {
      group = toGroup(resource, scope)
      scopes.set(scope, group)
    }
    return group
  }
}

function newWriter(): ProtoWriter {
  const writer = new ProtoWriter()
  writer.at = HEAD_BYTES
  return writer
}

function toGroup(resource: Attributes, scope: Scope): Group {
  return {
    resource,
    resourceFields: written((writer) => writeAttributes(writer, 0x0a, resource)),
    scopeField: written((writer) => writeScope(writer, scope)),
    schemaUrlField: written((writer) => {
      if (scope.schemaUrl) writer.text(0x1a, scope.schemaUrl)
    }),
  }
}

function writeScope(writer: ProtoWriter, { name, version, attributes }: Scope): void {
  const at = writer.open(0x0a, 4)
  writer.text(0x0a, name)
  if (version) writer.text(0x12, version)
  if (attributes !== undefined) writeAttributes(writer, 0x1a, attributes)
  writer.close(at, 4)
}

function written(write: (writer: ProtoWriter) => void): Uint8Array {
  const writer = new ProtoWriter(1_024)
  write(writer)
  return writer.bytes.slice(0, writer.at)
}

/** Pieces of one array, put together as an ExportTraceServiceRequest or an ExportLogsServiceRequest. */
class EncodedBatch implements Batch {
  readonly #bytes: Uint8Array
  readonly #pieces: readonly Piece[]
  /** Bytes before the first record that are nobody's. */
  readonly #headBytes: number

  constructor(bytes: Uint8Array, pieces: readonly Piece[], headBytes: number) {
    this.#bytes = bytes
    this.#pieces = pieces
    this.#headBytes = headBytes
  }

  get count(): number {
    return this.#pieces.length
  }

  body(dropped: number): Uint8Array {
    const resources = groupByResource(this.#pieces).map((groups) => sizeOf(groups, dropped))
    return this.#inPlace(resources) ?? this.#copied(resources)
  }

  halves(): readonly Batch[] {
    const middle = this.#pieces.length >> 1
    return [this.#pieces.slice(0, middle), this.#pieces.slice(middle)].map(
      (pieces) => new EncodedBatch(this.#bytes, pieces, 0),
    )
  }

  /** The records of one resource and scope lie side by side already: only what stands before them is missing. */
  #inPlace([first, second]: readonly SizedResource[]): Uint8Array | undefined {
    const [only, other] = first?.groups ?? []
    if (first === undefined || only === undefined) return undefined
    if (second !== undefined || other !== undefined) return undefined
    const [records, more] = joined(only.pieces)
    if (records === undefined || more !== undefined) return undefined
    const head = written((writer) => {
      writeHead(writer, first)
      writeGroupHead(writer, only)
    })
    const start = records.start - head.length
    if (head.length > this.#headBytes || start < 0) return undefined
    this.#bytes.set(head, start)
    return this.#bytes.subarray(start, records.end)
  }

  #copied(resources: readonly SizedResource[]): Uint8Array {
    const writer = new ProtoWriter(resources.reduce((sum, { size }) => sum + size + 6, 0))
    for (const resource of resources) {
      writeHead(writer, resource)
      for (const group of resource.groups) {
        writeGroupHead(writer, group)
        for (const { start, end } of joined(group.pieces)) {
          writer.raw(this.#bytes.subarray(start, end))
        }
      }
    }
    return writer.bytes.subarray(0, writer.at)
  }
}

function writeHead(writer: ProtoWriter, { resourceFields, size }: SizedResource): void {
  openExact(writer, 0x0a, size)
  openExact(writer, 0x0a, resourceFields.length)
  writer.raw(resourceFields)
}

function writeGroupHead(writer: ProtoWriter, { group, size }: SizedGroup): void {
  openExact(writer, 0x12, size)
  writer.raw(group.scopeField)
  writer.raw(group.schemaUrlField)
}

type Range = { readonly start: number; end: number }

/** Neighbours as one range: copying a few large ranges is cheaper than many small ones. */
function joined(pieces: readonly Piece[]): readonly Range[] {
  const ranges: Range[] = []
  let last: Range | undefined
  for (const { start, end } of pieces) {
    if (last?.end === start) last.end = end
    else {
      last = { start, end }
      ranges.push(last)
    }
  }
  return ranges
}

type GroupPieces = { readonly group: Group; readonly pieces: Piece[] }
type SizedGroup = GroupPieces & { readonly size: number }
type SizedResource = {
  readonly groups: readonly SizedGroup[]
  readonly resourceFields: Uint8Array
  readonly size: number
}

function groupByResource(pieces: readonly Piece[]): readonly GroupPieces[][] {
  const byGroup = new Map<Group, GroupPieces>()
  const byResource = new Map<Attributes, GroupPieces[]>()
  for (const piece of pieces) {
    const { group } = piece
    const known = byGroup.get(group)
    if (known !== undefined) {
      known.pieces.push(piece)
      continue
    }
    const added = { group, pieces: [piece] }
    byGroup.set(group, added)
    const siblings = byResource.get(group.resource)
    if (siblings === undefined) byResource.set(group.resource, [added])
    else siblings.push(added)
  }
  return [...byResource.values()]
}

function sizeOf(groups: readonly GroupPieces[], dropped: number): SizedResource {
  const fields = groups[0]?.group.resourceFields ?? new Uint8Array()
  const resourceFields =
    dropped === 0
      ? fields
      : written((writer) => {
          writer.raw(fields)
          writeAttributes(writer, 0x0a, { [RESOURCE_SDK_DROPPED]: dropped })
        })
  const sized = groups.map(({ group, pieces }) => ({
    group,
    pieces,
    size: pieces.reduce(
      (sum, { start, end }) => sum + end - start,
      group.scopeField.length + group.schemaUrlField.length,
    ),
  }))
  const size = sized.reduce(
    (sum, group) => sum + fieldSize(group.size),
    fieldSize(resourceFields.length),
  )
  return { groups: sized, resourceFields, size }
}

function fieldSize(length: number): number {
  return 1 + varintSize(length) + length
}

function openExact(writer: ProtoWriter, tag: number, length: number): void {
  writer.uint32(tag, length)
}
