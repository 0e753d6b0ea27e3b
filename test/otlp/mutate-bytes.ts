import type { Random } from '../simulator/random.ts'

/** One to four small damages of a body, such as a broken sender or cable would do. */
export function mutateBytes(body: Buffer, random: Random): Buffer {
  let bytes: Buffer = Buffer.from(body)
  for (let left = 1 + random.integer(4); left > 0 && bytes.length > 0; left--) {
    bytes = random.pick(DAMAGES)(bytes, random)
  }
  return bytes
}

type Damage = (bytes: Buffer, random: Random) => Buffer

const TOKENS = [
  'null',
  '-1',
  '1e999',
  '[]',
  '{}',
  '"',
  '\\u0000',
  '\\ud800',
  '__proto__',
  '18446744073709551616',
].map((text) => Buffer.from(text))

const DAMAGES: Damage[] = [
  function flipBit(bytes, random) {
    const at = random.integer(bytes.length)
    bytes[at] = (bytes[at] ?? 0) ^ (1 << random.integer(8))
    return bytes
  },
  function setByte(bytes, random) {
    bytes[random.integer(bytes.length)] = random.pick([0x00, 0x01, 0x7f, 0x80, 0xff, 0x22, 0x7b])
    return bytes
  },
  function cut(bytes, random) {
    return bytes.subarray(0, random.integer(bytes.length))
  },
  function leaveOut(bytes, random) {
    const [from, to] = range(bytes, random)
    return Buffer.concat([bytes.subarray(0, from), bytes.subarray(to)])
  },
  function repeat(bytes, random) {
    const [from, to] = range(bytes, random)
    return Buffer.concat([bytes.subarray(0, to), bytes.subarray(from)])
  },
  function insert(bytes, random) {
    const at = random.integer(bytes.length)
    return Buffer.concat([bytes.subarray(0, at), random.pick(TOKENS), bytes.subarray(at)])
  },
]

function range(bytes: Buffer, random: Random): [number, number] {
  const from = random.integer(bytes.length)
  return [from, Math.min(bytes.length, from + 1 + random.integer(64))]
}

/** As text, so that each use is a value of its own. */
const HOSTILE = [
  null,
  '',
  'NaN',
  '\u0000',
  '\ud800',
  '-9223372036854775809',
  -1,
  1e308,
  true,
  [],
  [null],
  {},
  { values: 7 },
  { stringValue: {} },
  { arrayValue: { values: [{ intValue: 'x' }, 7, null] } },
  { kvlistValue: { values: [{ key: {}, value: [] }] } },
].map((value) => JSON.stringify(value))

/** JSON of the same shape, in which one to three values are something else. */
export function mutateJson(text: string, random: Random): string {
  const root: unknown = JSON.parse(text)
  for (let left = 1 + random.integer(3); left > 0; left--) replaceSomewhere(root, random)
  return JSON.stringify(root)
}

function replaceSomewhere(root: unknown, random: Random): void {
  let node: unknown = root
  for (let depth = random.integer(24); ; depth--) {
    if (typeof node !== 'object' || node === null) return
    const keys = Object.keys(node)
    if (keys.length === 0) return
    const key = random.pick(keys)
    const holder = node as Record<string, unknown>
    const inner = holder[key]
    if (depth <= 0 || typeof inner !== 'object' || inner === null) {
      holder[key] = JSON.parse(random.pick(HOSTILE))
      return
    }
    node = inner
  }
}
