import type { Attributes } from '@opentelemetry/api'
import { Content } from './fields.ts'
import type { Fields } from './fields.ts'
import { allocate } from './platform.ts'
import { ProtoWriter, widthFor } from './proto-writer.ts'

// OpenTelemetry's KeyValue and AnyValue.

const STRING = 0x0a
export const BOOL = 0x10
const INT = 0x18
const DOUBLE = 0x21
export const ARRAY = 0x2a
export const MAP = 0x32
const BYTES = 0x3a
/** Lists and maps may hold anything: up to 256 MiB. */
export const LIST_WIDTH = 4
const MAX_DEPTH = 16

type Key = {
  /** `KeyValue.key`, tag and length included. */
  readonly field: Uint8Array
  readonly isKept: boolean
  /** The last set of parts that had it. */
  seenIn: number
  /** What it said there, where that is short and cannot change. */
  value: unknown
  /** The whole attribute with that value, once it came twice in a row: models, addresses, settings. */
  pair: Uint8Array | undefined
}

/** Keys repeat on every span: their field is kept as bytes. Bounded, since applications make keys up. */
const keys = new Map<string, Key>()
const MAX_KEYS = 2_000
const MAX_KEY_CHARS = 200

const keyWriter = new ProtoWriter(1_024)

export function keyOf(name: string): Key {
  const known = keys.get(name)
  if (known !== undefined) return known
  keyWriter.at = 0
  keyWriter.text(STRING, name)
  const field = copyOf(keyWriter.bytes.subarray(0, keyWriter.at))
  const isKept = name.length <= MAX_KEY_CHARS && keys.size < MAX_KEYS
  const key: Key = { field, isKept, seenIn: 0, value: undefined, pair: undefined }
  if (isKept) keys.set(name, key)
  return key
}

/** A Buffer's own `slice` would share the memory that is written over for the next batch. */
function copyOf(bytes: Uint8Array): Uint8Array {
  const copy = allocate(bytes.length)
  copy.set(bytes)
  return copy
}

/** Each attribute as a field of tag `tag`; those that are undefined are left out. */
export function writeAttributes(writer: ProtoWriter, tag: number, attributes: Attributes): void {
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== undefined) writeKeyValue(writer, tag, keyOf(name).field, value)
  }
}

let writtenParts = 0

/** Writes a value that waits to be serialised under its key; false where it cannot. */
export type WriteContent = (writer: ProtoWriter, at: ContentPlace, content: Content) => boolean

/** The tag of the attribute, and `KeyValue.key` as a whole field. */
export type ContentPlace = { readonly tag: number; readonly key: Uint8Array }

/**
 * Sets of attributes as a span's, field 9: of a name in several the last counts. False where content cannot be
 * written.
 */
export function writeParts(
  writer: ProtoWriter,
  parts: readonly Fields[],
  writeContent: WriteContent,
): boolean {
  writtenParts += 1
  let uncached: Set<string> | undefined
  for (let index = parts.length - 1; index >= 0; index--) {
    const part = parts[index]
    for (const name in part) {
      const value = part[name]
      if (value === undefined) continue
      const key = keyOf(name)
      if (key.seenIn === writtenParts || uncached?.has(name) === true) continue
      key.seenIn = writtenParts
      if (!key.isKept) (uncached ??= new Set()).add(name)
      if (value instanceof Content) {
        if (!writeContent(writer, { tag: SPAN_ATTRIBUTE, key: key.field }, value)) return false
      } else writeRepeated(writer, key, value)
    }
  }
  return true
}

const SPAN_ATTRIBUTE = 0x4a
const MAX_PAIR_CHARS = 100

/** An attribute of a span; one that says what it said last is copied. */
function writeRepeated(writer: ProtoWriter, key: Key, value: unknown): void {
  if (value === key.value) {
    if (key.pair !== undefined) return writer.raw(key.pair)
    const { at } = writer
    writeKeyValue(writer, SPAN_ATTRIBUTE, key.field, value)
    key.pair = copyOf(writer.bytes.subarray(at, writer.at))
    return undefined
  }
  key.value = isSettled(value) ? value : undefined
  key.pair = undefined
  return writeKeyValue(writer, SPAN_ATTRIBUTE, key.field, value)
}

/** Lists may change, unless they are frozen; long texts hardly ever come again. */
function isSettled(value: unknown): boolean {
  if (typeof value === 'string') return value.length <= MAX_PAIR_CHARS
  return typeof value !== 'object' || (Array.isArray(value) && Object.isFrozen(value))
}

// oxlint-disable-next-line max-params -- once per attribute; an object each would cost more than it says
function writeKeyValue(
  writer: ProtoWriter,
  tag: number,
  field: Uint8Array,
  value: unknown,
  depth: number = 0,
): void {
  if (typeof value === 'string') return writer.keyedText(tag, field, value)
  const isList = typeof value === 'object' && value !== null
  const width = isList ? LIST_WIDTH : widthFor(field.length + 16)
  const pair = writer.open(tag, width)
  writer.raw(field)
  writeNested(writer, 0x12, value, depth)
  writer.close(pair, width)
}

/** A value as a message of its own. */
// oxlint-disable-next-line max-params -- called once per value; an object each would cost more than it says
function writeNested(writer: ProtoWriter, tag: number, value: unknown, depth: number): void {
  const width = valueWidth(value)
  const at = writer.open(tag, width)
  writeAnyValue(writer, value, depth)
  writer.close(at, width)
}

function valueWidth(value: unknown): number {
  if (typeof value === 'string') return widthFor(value.length * 3 + 8)
  return typeof value === 'object' && value !== null ? LIST_WIDTH : 1
}

function writeAnyValue(writer: ProtoWriter, value: unknown, depth: number): void {
  if (typeof value === 'string') writer.text(STRING, value)
  else if (typeof value === 'boolean') writer.uint32(BOOL, value ? 1 : 0)
  else if (typeof value === 'number') writeNumber(writer, value)
  else if (typeof value === 'object' && value !== null && depth < MAX_DEPTH) {
    writeObject(writer, value, depth)
  }
}

/** Whole numbers that a double holds exactly as int64. */
export function writeNumber(writer: ProtoWriter, value: number): void {
  if (Number.isSafeInteger(value)) writer.int64(INT, value)
  else writer.double(DOUBLE, value)
}

function writeObject(writer: ProtoWriter, value: object, depth: number): void {
  if (value instanceof Uint8Array) {
    const bytes = writer.open(BYTES, LIST_WIDTH)
    writer.raw(value)
    writer.close(bytes, LIST_WIDTH)
    return
  }
  const isArray = Array.isArray(value)
  const list = writer.open(isArray ? ARRAY : MAP, LIST_WIDTH)
  if (isArray) for (const item of value) writeNested(writer, 0x0a, item, depth + 1)
  else {
    for (const [key, item] of Object.entries(value)) {
      if (item !== undefined) writeKeyValue(writer, 0x0a, keyOf(key).field, item, depth + 1)
    }
  }
  writer.close(list, LIST_WIDTH)
}
