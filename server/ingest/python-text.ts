/**
 * A Python literal as text (`str()` of a dict or list, which some Python senders put where JSON
 * belongs); undefined where it is none. One pass, bounded depth.
 */
export function parsePythonText(text: string): unknown {
  const reader = new Reader(text)
  const value = reader.value(0)
  return reader.isFailed || !reader.isAtEnd() ? undefined : value
}

const MAX_DEPTH = 64
const ESCAPES = new Map([
  ['n', '\n'],
  ['t', '\t'],
  ['r', '\r'],
  ['\\', '\\'],
  ["'", "'"],
  ['"', '"'],
])
const WORDS = new Map<string, unknown>([
  ['None', null],
  ['True', true],
  ['False', false],
])

class Reader {
  isFailed = false
  readonly #text: string
  #at = 0

  constructor(text: string) {
    this.#text = text
  }

  isAtEnd(): boolean {
    this.#skipSpace()
    return this.#at === this.#text.length
  }

  value(depth: number): unknown {
    this.#skipSpace()
    const char = this.#text[this.#at]
    if (depth > MAX_DEPTH || char === undefined) return this.#fail()
    if (char === '{') return this.#dict(depth)
    if (char === '[') return this.#list(']', depth)
    if (char === '(') return this.#list(')', depth)
    if (char === "'" || char === '"') return this.#string(char)
    return this.#word()
  }

  #dict(depth: number): unknown {
    const entries: [string, unknown][] = []
    this.#at += 1
    while (!this.isFailed && !this.#takes('}')) {
      const key = this.value(depth + 1)
      if (!this.#takes(':')) return this.#fail()
      entries.push([String(key), this.value(depth + 1)])
      if (!this.#takes(',') && !this.#isNext('}')) return this.#fail()
    }
    return Object.fromEntries(entries)
  }

  #list(end: string, depth: number): unknown {
    const items: unknown[] = []
    this.#at += 1
    while (!this.isFailed && !this.#takes(end)) {
      items.push(this.value(depth + 1))
      if (!this.#takes(',') && !this.#isNext(end)) return this.#fail()
    }
    return items
  }

  #string(quote: string): unknown {
    let result = ''
    for (this.#at += 1; this.#at < this.#text.length; this.#at += 1) {
      const char = this.#text[this.#at] ?? ''
      if (char === quote) {
        this.#at += 1
        return result
      }
      if (char === '\\') {
        this.#at += 1
        const escaped = this.#text[this.#at] ?? ''
        result += ESCAPES.get(escaped) ?? `\\${escaped}`
      } else result += char
    }
    return this.#fail()
  }

  #word(): unknown {
    const [word = ''] = /^[A-Za-z0-9_.+-]+/.exec(this.#text.slice(this.#at, this.#at + 64)) ?? []
    this.#at += word.length
    if (WORDS.has(word)) return WORDS.get(word)
    const number = Number(word)
    return word !== '' && Number.isFinite(number) ? number : this.#fail()
  }

  #skipSpace(): void {
    while (/\s/.test(this.#text[this.#at] ?? '')) this.#at += 1
  }

  #isNext(char: string): boolean {
    this.#skipSpace()
    return this.#text[this.#at] === char
  }

  #takes(char: string): boolean {
    if (!this.#isNext(char)) return false
    this.#at += 1
    return true
  }

  #fail(): undefined {
    this.isFailed = true
    return undefined
  }
}
