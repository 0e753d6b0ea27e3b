// A text is found in either case, in composed and decomposed letters, and behind the escapes of
// JSON: messages are JSON in an attribute, tool arguments JSON in that JSON.

/** Escapes of JSON in JSON in JSON. */
const MAX_UNESCAPED = 3
const ESCAPE = /\\(?:u([0-9a-fA-F]{4})|(["\\/bfnrt]))/g
const SHORT: Record<string, string> = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' }
/** Letters and digits may be written as escapes, or be folded from other signs (K of Kelvin, İ). */
const HIDDEN_LETTER = /\\u(?:00[4-7]|003\d|212[aA]|0130)|\xe2\x84\xaa|\xc4\xb0/

export type TextSearch = {
  /** Whether one text holds what is looked for. */
  isIn: (text: string) => boolean
  /** False only where no text written in these bytes can hold it. */
  mayBeIn: (bytes: Buffer) => boolean
}

export function createTextSearch(wanted: string): TextSearch {
  const needle = fold(wanted.replaceAll('\u0000', '\uFFFD').toWellFormed())
  const run = longestRun(needle)
  const runAnyCase = new RegExp(run, 'i')
  return {
    isIn: (text) => holds(text, needle),
    mayBeIn(bytes) {
      if (run === '') return true
      const raw = bytes.toString('latin1')
      return runAnyCase.test(raw) || HIDDEN_LETTER.test(raw)
    },
  }
}

function holds(text: string, needle: string): boolean {
  let plain = text
  for (let depth = 0; ; depth += 1) {
    if (fold(plain).includes(needle)) return true
    if (depth === MAX_UNESCAPED || !plain.includes('\\')) return false
    plain = unescapeJson(plain)
  }
}

function unescapeJson(text: string): string {
  return text.replaceAll(ESCAPE, (_, hex: string | undefined, short: string | undefined) => {
    if (hex !== undefined) return String.fromCharCode(Number.parseInt(hex, 16))
    return short === undefined ? '' : (SHORT[short] ?? short)
  })
}

/** Σ has another small letter at the end of a word. */
function fold(text: string): string {
  return text.normalize('NFC').toLowerCase().replaceAll('ς', 'σ')
}

/** The longest part that stands in the bytes as it is: letters and digits of ASCII. */
function longestRun(needle: string): string {
  const runs = needle.match(/[a-z0-9]+/g) ?? []
  return runs.reduce((longest, run) => (run.length > longest.length ? run : longest), '')
}
