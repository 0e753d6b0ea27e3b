// Content on the wire as the lists and maps that it is (docs/adr/0010): no JSON text is made that the
// collector would have to read again. What needs more than writing is left to `content.ts`.
import { serialiseNow } from './content.ts'
import type { ContentPolicy } from './content.ts'
import { ARRAY, BOOL, keyOf, LIST_WIDTH, MAP, writeNumber } from './encode-attributes.ts'
import type { WriteContent } from './encode-attributes.ts'
import type { ContentField } from './fields.ts'
import { isMediaPart, isVector, mayHoldMedia } from './media.ts'
import type { ProtoWriter } from './proto-writer.ts'

/** Fields of which OpenTelemetry says that structure is preferred; the others stay texts. */
const STRUCTURED: ReadonlySet<ContentField> = new Set<ContentField>([
  'input.messages',
  'output.messages',
  'system_instructions',
  'tool.definitions',
])

// An item of OpenTelemetry's ArrayValue or KeyValueList, and the value of a KeyValue.
const ITEM = 0x0a
const VALUE = 0x12
/** Deeper content goes as a text, of which no collector limits the depth. */
const MAX_DEPTH = 20

/** Writes content as it is; undefined where the policy changes all of it. */
export function contentWriter(policy: ContentPolicy): WriteContent | undefined {
  if (policy.mode !== 'full' || policy.redact !== undefined) return undefined
  return (writer, { tag, key }, content) => {
    if (content.value === undefined) return true
    if (!STRUCTURED.has(content.field)) {
      const text = serialiseNow(content, policy)
      if (text !== undefined) writer.keyedText(tag, key, text)
      return text !== undefined
    }
    const limit = writer.at + policy.maxBytes
    const pair = writer.open(tag, LIST_WIDTH)
    writer.raw(key)
    const isWritten = writeValue({ writer, limit }, VALUE, content.value)
    writer.close(pair, LIST_WIDTH)
    return isWritten && writer.at <= limit
  }
}

type Target = { readonly writer: ProtoWriter; readonly limit: number }

/** A value as an AnyValue of its own; false where it cannot be written as it is. */
// oxlint-disable-next-line max-params -- once per value; an object each would cost more than it says
function writeValue(to: Target, tag: number, value: unknown, depth: number = 0): boolean {
  const { writer } = to
  if (typeof value === 'string') {
    if (writer.at + value.length > to.limit || mayHoldMedia(value)) return false
    writer.valueText(tag, value)
    return true
  }
  if (typeof value !== 'object' || value === null) return writeScalar(writer, tag, value)
  if (depth >= MAX_DEPTH || ArrayBuffer.isView(value)) return false
  const at = writer.open(tag, LIST_WIDTH)
  const isArray = Array.isArray(value)
  const list = writer.open(isArray ? ARRAY : MAP, LIST_WIDTH)
  const isWritten = isArray ? writeItems(to, value, depth) : writeEntries(to, value, depth)
  writer.close(list, LIST_WIDTH)
  writer.close(at, LIST_WIDTH)
  return isWritten
}

/** An empty value is null, as JSON has it for numbers that are none. */
function writeScalar(writer: ProtoWriter, tag: number, value: unknown): boolean {
  const at = writer.open(tag, 1)
  if (typeof value === 'boolean') writer.uint32(BOOL, value ? 1 : 0)
  else if (typeof value === 'number') {
    if (Number.isFinite(value)) writeNumber(writer, value)
  } else if (value !== null && value !== undefined) return false
  writer.close(at, 1)
  return true
}

function writeItems(to: Target, items: readonly unknown[], depth: number): boolean {
  if (isVector(items)) return false
  for (const item of items) {
    if (to.writer.at > to.limit || !writeValue(to, ITEM, item, depth + 1)) return false
  }
  return true
}

function writeEntries(to: Target, value: object, depth: number): boolean {
  if (isMediaPart(value)) return false
  const { writer } = to
  const properties = value as Readonly<Record<string, unknown>>
  for (const name of Object.keys(properties)) {
    const item = properties[name]
    if (item === undefined) continue
    const pair = writer.open(ITEM, LIST_WIDTH)
    writer.raw(keyOf(name).field)
    const isWritten = writeValue(to, VALUE, item, depth + 1)
    writer.close(pair, LIST_WIDTH)
    if (!isWritten) return false
  }
  return true
}
