import type { Random } from '../simulator/random.ts'

type Field = { number: number; wireType: number; bytes: Buffer; content: Buffer }

/**
 * A protobuf message that stays one: fields in another order, left out, unknown ones between them,
 * at the top or inside any field that is a message itself.
 */
export function mutateMessage(body: Buffer, random: Random): Buffer {
  const fields = readFields(body)
  if (fields === null || fields.length === 0) return body
  const at = random.integer(fields.length)
  const field = fields[at]
  if (field !== undefined && field.wireType === 2 && random.integer(4) > 0) {
    const inner = mutateMessage(field.content, random)
    fields[at] = { ...field, bytes: lengthDelimited(field.number, inner) }
    return join(fields)
  }
  return random.pick(CHANGES)(fields, random)
}

const CHANGES: ((fields: Field[], random: Random) => Buffer)[] = [
  function reorder(fields, random) {
    const order = fields.map((field) => ({ field, rank: random.uniform() }))
    return join(order.toSorted((a, b) => a.rank - b.rank).map(({ field }) => field))
  },
  function leaveOut(fields, random) {
    return join(fields.toSpliced(random.integer(fields.length), 1))
  },
  function addUnknown(fields, random) {
    const bytes = random.pick(UNKNOWN)
    const field = { number: 0, wireType: 0, bytes, content: bytes }
    return join(fields.toSpliced(random.integer(fields.length + 1), 0, field))
  },
]

/** Numbers that no message of OTLP has, of each wire type. */
const UNKNOWN = [
  Buffer.concat([tag(900, 0), Buffer.from([0x96, 0x01])]),
  Buffer.concat([tag(901, 1), Buffer.alloc(8, 7)]),
  lengthDelimited(902, Buffer.from('what is this?')),
  Buffer.concat([tag(903, 5), Buffer.alloc(4, 7)]),
]

function readFields(body: Buffer): Field[] | null {
  const fields: Field[] = []
  let at = 0
  while (at < body.length) {
    const key = readVarint(body, at)
    if (key === null) return null
    const field = readField(body, { start: at, key })
    if (field === null) return null
    fields.push(field)
    at += field.bytes.length
  }
  return fields
}

type Varint = { value: number; end: number }

function readField(body: Buffer, { start, key }: { start: number; key: Varint }): Field | null {
  const [number, wireType] = [key.value >>> 3, key.value & 7]
  const length = wireType === 2 ? readVarint(body, key.end) : null
  const from = length?.end ?? key.end
  let end = from
  if (wireType === 0) end = readVarint(body, key.end)?.end ?? Number.NaN
  else if (wireType === 1) end += 8
  else if (wireType === 5) end += 4
  else if (length === null) return null
  else end += length.value
  if (number === 0 || !(end <= body.length)) return null
  const [bytes, content] = [body.subarray(start, end), body.subarray(from, end)]
  return { number, wireType, bytes, content }
}

function readVarint(body: Buffer, start: number): Varint | null {
  let value = 0
  for (let at = start, factor = 1; at < body.length && at < start + 10; at++, factor *= 128) {
    const byte = body[at] ?? 0
    value += (byte & 0x7f) * factor
    if (byte < 0x80) return { value, end: at + 1 }
  }
  return null
}

function join(fields: readonly Field[]): Buffer {
  return Buffer.concat(fields.map(({ bytes }) => bytes))
}

function lengthDelimited(number: number, content: Buffer): Buffer {
  return Buffer.concat([tag(number, 2), varint(content.length), content])
}

function tag(number: number, wireType: number): Buffer {
  return varint(number * 8 + wireType)
}

function varint(value: number): Buffer {
  const out: number[] = []
  let rest = value
  while (rest > 127) {
    out.push((rest % 128) | 128)
    rest = Math.floor(rest / 128)
  }
  return Buffer.from([...out, rest])
}
