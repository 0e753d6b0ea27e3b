// Native JSON.parse tells no byte offset (and for short texts none at all), it accepts any depth, and
// a million attributes cost it over a second and 300 MB before any limit of ours is asked. All are
// answered here: a cheap pre-scan, and a strict scan that runs on failures only.

/** Nesting of an AnyValue 64 deep is 4 brackets a level, within an envelope of 10. */
export const MAX_JSON_DEPTH = 300

const QUOTE = 0x22
const BACKSLASH = 0x5c

/** The byte where the text first nests deeper than `MAX_JSON_DEPTH`, or -1. */
export function findTooDeep(body: Buffer): number {
  let depth = 0
  for (let at = 0; at < body.length; at++) {
    const byte = body[at] as number
    if (byte === QUOTE) at = endOfString(body, at + 1)
    // `[` `{` and `]` `}` differ in bit 5 only.
    else if ((byte | 0x20) === 0x7b) {
      depth += 1
      if (depth > MAX_JSON_DEPTH) return at
    } else if ((byte | 0x20) === 0x7d) depth -= 1
  }
  return -1
}

const COMMA = 0x2c
const OPEN_LIST = 0x5b
const SPACE = 0x20
const ZERO = 0x30
const ATTRIBUTES_KEY = /"attributes"[ \t\r\n]*:[ \t\r\n]*$/
const KEY_WINDOW = 40

/**
 * As `findTooDeep`, and writes `0` over each element of an attribute list behind its first `limit`:
 * so many refuse their span, and with their number kept they are never made into objects.
 */
// oxlint-disable-next-line complexity -- one branch per byte that means something
export function blankLongAttributes(body: Buffer, limit: number): number {
  let depth = 0
  let list: AttributeList | null = null
  for (let at = 0; at < body.length; at++) {
    const byte = body[at] as number
    if (byte === QUOTE) at = endOfString(body, at + 1)
    else if (byte === COMMA) {
      if (list?.depth === depth) passComma(body, { list, at, limit })
    } else if ((byte | 0x20) === 0x7b) {
      depth += 1
      if (depth > MAX_JSON_DEPTH) return at
      if (list === null && isAttributesList(body, at)) list = { depth, commas: 0, blankFrom: -1 }
    } else if ((byte | 0x20) === 0x7d) {
      if (list?.depth === depth) {
        blank(body, list.blankFrom, at)
        list = null
      }
      depth -= 1
    }
  }
  return -1
}

type AttributeList = { depth: number; commas: number; blankFrom: number }

function passComma(
  body: Buffer,
  { list, at, limit }: { list: AttributeList; at: number; limit: number },
): void {
  list.commas += 1
  if (list.commas < limit) return
  blank(body, list.blankFrom, at)
  list.blankFrom = at + 1
}

function isAttributesList(body: Buffer, at: number): boolean {
  if (body[at] !== OPEN_LIST) return false
  return ATTRIBUTES_KEY.test(body.toString('latin1', Math.max(0, at - KEY_WINDOW), at))
}

function blank(body: Buffer, from: number, to: number): void {
  if (from < 0 || from >= to) return
  body.fill(SPACE, from, to)
  body[from] = ZERO
}

function endOfString(body: Buffer, from: number): number {
  for (let at = from; at < body.length; at++) {
    const byte = body[at] as number
    if (byte === QUOTE) return at
    if (byte === BACKSLASH) at += 1
  }
  return body.length
}

const SIMPLE_ESCAPES = new Set(Buffer.from('"\\/bfnrt'))
const LITERALS = [Buffer.from('true'), Buffer.from('false'), Buffer.from('null')]
const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/

/** The byte of the first syntax error in a text that JSON.parse refused. */
// oxlint-disable-next-line complexity -- one branch per state of the scanner
export function findSyntaxError(body: Buffer): number {
  const open: number[] = []
  let at = 0
  let expects: 'value' | 'key' | 'comma' = 'value'
  let mayClose = false
  for (;;) {
    at = skipSpace(body, at)
    const byte = body[at]
    if (byte === undefined) return body.length
    const closer = open.at(-1)
    if (closer !== undefined && byte === closer && (mayClose || expects === 'comma')) {
      open.pop()
      at += 1
      expects = 'comma'
    } else if (expects === 'comma') {
      if (byte !== 0x2c || closer === undefined) return at
      at += 1
      expects = closer === 0x7d ? 'key' : 'value'
    } else if (expects === 'key') {
      const end = byte === QUOTE ? scanString(body, at) : at
      if (body[end - 1] !== QUOTE || end <= at + 1) return end
      at = skipSpace(body, end)
      if (body[at] !== 0x3a) return at
      at += 1
      expects = 'value'
    } else if (byte === 0x7b || byte === 0x5b) {
      open.push(byte + 2)
      at += 1
      expects = byte === 0x7b ? 'key' : 'value'
      mayClose = true
      continue
    } else {
      const end = scanScalar(body, at)
      if (end.isFault) return end.at
      at = end.at
      expects = 'comma'
    }
    mayClose = false
  }
}

function skipSpace(body: Buffer, from: number): number {
  let at = from
  while (body[at] === 0x20 || body[at] === 0x0a || body[at] === 0x0d || body[at] === 0x09) at += 1
  return at
}

function scanScalar(body: Buffer, at: number): { at: number; isFault: boolean } {
  if (body[at] === QUOTE) {
    const end = scanString(body, at)
    return { at: end, isFault: end <= at + 1 || body[end - 1] !== QUOTE }
  }
  for (const literal of LITERALS) {
    if (body.subarray(at, at + literal.length).equals(literal)) {
      return { at: at + literal.length, isFault: false }
    }
  }
  const number = NUMBER.exec(body.toString('latin1', at, at + 400))
  return number === null ? { at, isFault: true } : { at: at + number[0].length, isFault: false }
}

/** Behind the closing quote, or the offending byte (whose predecessor is then no closing quote). */
function scanString(body: Buffer, from: number): number {
  let at = from + 1
  for (; at < body.length; at++) {
    const byte = body[at] as number
    if (byte === QUOTE) return at + 1
    if (byte < 0x20) return at
    if (byte === BACKSLASH) {
      const next = body[at + 1] ?? 0
      if (next === 0x75) {
        if (!/^[0-9a-fA-F]{4}/.test(body.toString('latin1', at + 2, at + 6))) return at
        at += 5
      } else if (SIMPLE_ESCAPES.has(next)) at += 1
      else return at
    }
  }
  return at
}
