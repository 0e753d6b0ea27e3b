// An answer's `partial_success`: message 1, its number of refused records field 1.

/** How many records of a request the collector refused; 0 where it does not say. */
export function readRejected(body: Uint8Array): number {
  const reader = { body, at: 0 }
  while (reader.at < body.length) {
    const tag = readVarint(reader)
    if (tag === 0x0a) {
      const length = readVarint(reader)
      const end = Math.min(body.length, reader.at + length)
      return readCount({ body: body.subarray(0, end), at: reader.at })
    }
    if (!skip(reader, tag & 7)) return 0
  }
  return 0
}

type Reader = { readonly body: Uint8Array; at: number }

function readCount(reader: Reader): number {
  while (reader.at < reader.body.length) {
    const tag = readVarint(reader)
    if (tag === 0x08) {
      const count = readVarint(reader)
      return Number.isSafeInteger(count) ? count : 0
    }
    if (!skip(reader, tag & 7)) return 0
  }
  return 0
}

function readVarint(reader: Reader): number {
  let value = 0
  let scale = 1
  while (reader.at < reader.body.length) {
    const byte = reader.body[reader.at++] ?? 0
    value += (byte & 0x7f) * scale
    scale *= 128
    if (byte < 0x80) return value
  }
  return Number.NaN
}

/** False where the rest cannot be read. */
function skip(reader: Reader, wireType: number): boolean {
  if (wireType === 0) readVarint(reader)
  else if (wireType === 1) reader.at += 8
  else if (wireType === 2) {
    const length = readVarint(reader)
    reader.at += length
  } else if (wireType === 5) reader.at += 4
  else return false
  return !Number.isNaN(reader.at)
}
