import type { JsonValue } from '@sightline/server/contract'

export function jsonText(value: unknown): string {
  if (typeof value === 'string') return value
  return JSON.stringify(value, null, 2) ?? ''
}

export function isEmptyJson(value: JsonValue): boolean {
  return value === null || value === ''
}

/** The JSON that a text holds when it is an object or a list; undefined for any other text. */
export function parsedObject(text: string): unknown {
  if (!/^\s*[[{]/.test(text)) return undefined
  try {
    return JSON.parse(text) as unknown
  } catch {
    return undefined
  }
}
