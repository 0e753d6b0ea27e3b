// Caps content by shortening its longest texts first, so that the result stays valid JSON, short
// messages stay whole, and no character is cut in half.

export type Capped = { readonly text: string | undefined; readonly truncated: boolean }

const MARK = '…'

/** `value` as JSON of at most `maxBytes`; undefined when even its structure is larger. */
export function capJson(value: unknown, maxBytes: number): Capped {
  const lengths: number[] = []
  let total = 0
  visitTexts(value, (text) => {
    lengths.push(text.length)
    total += text.length
  })
  // Megabytes that will be cut need not be serialised first.
  if (total <= maxBytes) {
    const whole = JSON.stringify(value)
    if (whole === undefined) return { text: undefined, truncated: false }
    if (fits(whole, maxBytes)) return { text: whole, truncated: false }
  }
  let limit = fairLimit(lengths, maxBytes)
  // Escapes and multi-byte characters make a text longer than its length: tighten until it fits.
  while (limit >= 8) {
    const text = JSON.stringify(shortenTexts(value, limit))
    if (fits(text, maxBytes)) return { text, truncated: true }
    limit = Math.floor(limit / 2)
  }
  if (Array.isArray(value) && value.length > 1) {
    // Too many items: the newest ones are the ones somebody will look for.
    return { ...capJson(value.slice(Math.ceil(value.length / 2)), maxBytes), truncated: true }
  }
  return { text: undefined, truncated: true }
}

/** A plain text of at most `maxBytes`. */
export function capText(text: string, maxBytes: number): Capped {
  if (fits(text, maxBytes)) return { text, truncated: false }
  let limit = Math.min(text.length, maxBytes)
  while (limit > 0 && !fits(shorten(text, limit), maxBytes)) limit = Math.floor(limit * 0.75)
  return { text: shorten(text, limit), truncated: true }
}

/** The longest length such that texts cut to it take at most `budget` together. */
function fairLimit(lengths: readonly number[], budget: number): number {
  const sorted = lengths.toSorted((a, b) => a - b)
  let left = budget
  for (const [index, length] of sorted.entries()) {
    const share = Math.floor(left / (sorted.length - index))
    if (length > share) return share
    left -= length
  }
  return sorted.at(-1) ?? 0
}

function shortenTexts(value: unknown, limit: number): unknown {
  if (typeof value === 'string') return shorten(value, limit)
  if (value === null || typeof value !== 'object') return value
  if (Array.isArray(value)) return value.map((item) => shortenTexts(item, limit))
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, shortenTexts(item, limit)]),
  )
}

function visitTexts(value: unknown, visit: (text: string) => void): void {
  if (typeof value === 'string') visit(value)
  else if (Array.isArray(value)) {
    for (const item of value) visitTexts(item, visit)
  } else if (value !== null && typeof value === 'object') {
    for (const item of Object.values(value)) visitTexts(item, visit)
  }
}

function shorten(text: string, limit: number): string {
  if (text.length <= limit) return text
  const end = Math.max(0, limit - MARK.length)
  const last = text.charCodeAt(end - 1)
  const splitsPair = last >= 0xd800 && last <= 0xdbff
  return text.slice(0, splitsPair ? end - 1 : end) + MARK
}

function fits(text: string, maxBytes: number): boolean {
  if (text.length > maxBytes) return false
  return text.length * 3 <= maxBytes || utf8Length(text) <= maxBytes
}

type BufferLike = { readonly byteLength?: (text: string) => number }

export function utf8Length(text: string): number {
  const { Buffer } = globalThis as { readonly Buffer?: BufferLike }
  return Buffer?.byteLength?.(text) ?? countUtf8(text)
}

/** The same without Node. */
export function countUtf8(text: string): number {
  let bytes = 0
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index)
    if (unit < 0x80) bytes += 1
    else if (unit < 0x800) bytes += 2
    // Each half of a surrogate pair counts two of its four bytes.
    else if (unit >= 0xd800 && unit <= 0xdfff) bytes += 2
    else bytes += 3
  }
  return bytes
}
