/**
 * Prose that does not repeat itself: whoever compresses must not profit from a periodic text. Words
 * follow Zipf's law, as in a language; every fourth text holds a character beyond Latin-1, as answers of
 * models do (quotation marks, dashes), which makes JavaScript keep it in two bytes.
 */
export class Texts {
  readonly #random: () => number
  readonly #words: readonly string[]
  #made = 0

  constructor(seed: number) {
    this.#random = mulberry32(seed)
    this.#words = Array.from({ length: VOCABULARY }, () => this.#makeWord())
  }

  /** A text of about `bytes` bytes. */
  make(bytes: number): string {
    const isWide = this.#made % 4 === 3
    this.#made += 1
    const parts: string[] = isWide ? ['“Ja” — '] : []
    let length = isWide ? parts.join('').length : 0
    let inSentence = 0
    while (length < bytes) {
      inSentence += 1
      const word = this.#pickWord()
      const part = this.#random() < inSentence / 60 ? `${word}${this.#endOfSentence()}` : `${word} `
      if (part.length > word.length + 1) inSentence = 0
      parts.push(part)
      length += part.length
    }
    return parts.join('').slice(0, bytes)
  }

  /** A whole number below `limit`. */
  below(limit: number): number {
    return Math.floor(this.#random() * limit)
  }

  #endOfSentence(): string {
    const chance = this.#random()
    if (chance < 0.1) return '.\n\n'
    return chance < 0.2 ? `, "${this.#pickWord()}" ${this.below(10_000)}. ` : '. '
  }

  #pickWord(): string {
    // A power of a uniform number lies near Zipf's law over the ranks.
    const rank = Math.floor(VOCABULARY * this.#random() ** 2.2)
    return this.#words[rank] ?? ''
  }

  #makeWord(): string {
    const syllables = 1 + this.below(4)
    let word = ''
    for (let i = 0; i < syllables; i += 1) {
      word += `${this.#pick(CONSONANTS)}${this.#pick(VOWELS)}${this.#pick(ENDINGS)}`
    }
    return word
  }

  #pick(from: readonly string[]): string {
    return from[this.below(from.length)] ?? ''
  }
}

const VOCABULARY = 4_000
const CONSONANTS = [
  'b',
  'ch',
  'd',
  'f',
  'g',
  'h',
  'k',
  'l',
  'm',
  'n',
  'p',
  'r',
  's',
  't',
  'th',
  'w',
]
const VOWELS = ['a', 'e', 'i', 'o', 'u', 'ea', 'ou']
const ENDINGS = ['', '', '', 'n', 'r', 's', 't', 'l']

/** A small seeded generator; the same texts in every process. */
function mulberry32(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}
