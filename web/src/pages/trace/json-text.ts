import type { JsonValue } from '@sightline/server/contract'

/** Longer texts are cut here and shown whole on demand. */
export const FOLD_CHARS = 4_000
/** No text node gets longer than this, whatever is asked for. */
export const MAX_CHARS = 1_000_000

export function jsonText(value: unknown): string {
  if (typeof value === 'string') return value
  return JSON.stringify(value, null, 2) ?? ''
}

export function isEmptyJson(value: JsonValue): boolean {
  return value === null || value === ''
}
