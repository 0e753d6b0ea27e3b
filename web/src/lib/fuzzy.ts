/**
 * How well a text answers what was typed: the letters in their order, more for those that stand
 * together or begin a word. null = it does not; everything answers nothing typed.
 */
export function fuzzyScore(typed: string, text: string): number | null {
  const wanted = typed.toLowerCase().replaceAll(' ', '')
  const letters = text.toLowerCase()
  const whole = letters.indexOf(typed.trim().toLowerCase())
  if (wanted === '') return 0
  if (whole >= 0) return 1_000 - whole + (isWordStart(text, whole) ? 500 : 0)
  let score = 0
  let from = 0
  let last = -2
  for (const letter of wanted) {
    const found = nextOf(letters, letter, { from, text, last })
    if (found < 0) return null
    score +=
      (found === last + 1 ? 8 : 0) + (isWordStart(text, found) ? 10 : 0) - (found - from) / 50
    last = found
    from = found + 1
  }
  return score
}

/** The letter right behind the last one, else at the start of a word, else anywhere. */
function nextOf(
  letters: string,
  letter: string,
  { from, text, last }: { from: number; text: string; last: number },
): number {
  if (letters[from] === letter && last === from - 1) return from
  for (let at = letters.indexOf(letter, from); at >= 0; at = letters.indexOf(letter, at + 1)) {
    if (isWordStart(text, at)) return at
  }
  return letters.indexOf(letter, from)
}

function isWordStart(text: string, at: number): boolean {
  return at === 0 || /[^\p{L}\p{N}]/u.test(text[at - 1] ?? '')
}
