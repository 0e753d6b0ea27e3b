/** One word of the query bar: what it says without its quotes, and which of it stood in them. */
export type Lexeme = {
  from: number
  to: number
  text: string
  /** For each unit of `text`: whether it was quoted, so that it means itself. */
  quoted: readonly boolean[]
  hasQuote: boolean
  isClosed: boolean
}

const ESCAPES: Record<string, string> = { n: '\n', r: '\r', t: '\t' }

/** Splits at blanks outside of quotes; within them a backslash takes the next character as it is. */
export function lexQuery(input: string): Lexeme[] {
  const lexemes: Lexeme[] = []
  let at = 0
  while (at < input.length) {
    if (isBlank(input[at])) {
      at += 1
      continue
    }
    const lexeme = lexWord(input, at)
    lexemes.push(lexeme)
    at = lexeme.to
  }
  return lexemes
}

function lexWord(input: string, from: number): Lexeme {
  let text = ''
  const quoted: boolean[] = []
  let isOpen = false
  let hasQuote = false
  let at = from
  for (; at < input.length; at += 1) {
    const char = input[at] ?? ''
    if (!isOpen && isBlank(char)) break
    if (char === '"') {
      isOpen = !isOpen
      hasQuote = true
      continue
    }
    const isEscape = isOpen && char === '\\' && at + 1 < input.length
    if (isEscape) at += 1
    const next = input[at] ?? ''
    text += isEscape ? (ESCAPES[next] ?? next) : char
    quoted.push(isOpen)
  }
  return { from, to: at, text, quoted, hasQuote, isClosed: !isOpen }
}

/** A value in quotes; line breaks are written out, because a one-line field drops them. */
export function quote(value: string): string {
  const escaped = value
    .replaceAll('\\', '\\\\')
    .replaceAll('"', '\\"')
    .replaceAll('\n', '\\n')
    .replaceAll('\r', '\\r')
    .replaceAll('\t', '\\t')
  return `"${escaped}"`
}

function isBlank(char: string | undefined): boolean {
  return char !== undefined && /\s/.test(char)
}
