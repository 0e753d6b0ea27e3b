/** Longer values (prompts, documents) are not hashed at ingest, so no filter finds them. */
export const MAX_HASHED_UNITS = 256
const FNV_OFFSET = 0x811c9dc5
const FNV_PRIME = 0x01000193

const MAX_KNOWN_KEYS = 10_000
const keyStates = new Map<string, number>()

/** FNV-1a over the UTF-16 units of `key=value`, as the signed 32 bits of a Postgres int4. */
export function attributeHash(key: string, value: string): number {
  let state = keyState(key)
  for (let index = 0; index < value.length; index++) {
    state = Math.imul(state ^ value.charCodeAt(index), FNV_PRIME)
  }
  return state
}

function keyState(key: string): number {
  const known = keyStates.get(key)
  if (known !== undefined) return known
  let state = FNV_OFFSET | 0
  for (let index = 0; index < key.length; index++) {
    state = Math.imul(state ^ key.charCodeAt(index), FNV_PRIME)
  }
  state = Math.imul(state ^ 0x3d, FNV_PRIME)
  if (keyStates.size < MAX_KNOWN_KEYS) keyStates.set(key, state)
  return state
}
