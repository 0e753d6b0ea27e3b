const CHARACTERS_PER_TOKEN = 3.2

/** A deterministic estimate: 3.2 UTF-16 units a token, between English prose (4) and German or Spanish (3). */
export function countTokens(text: string): number {
  return tokensOfLength(text.length)
}

export function tokensOfLength(characters: number): number {
  return Math.ceil(characters / CHARACTERS_PER_TOKEN)
}

export function charactersOfTokens(tokens: number): number {
  return Math.round(tokens * CHARACTERS_PER_TOKEN)
}
