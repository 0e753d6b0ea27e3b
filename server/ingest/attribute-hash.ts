import { attributeHash, MAX_HASHED_UNITS } from '../spans/attribute-hash.ts'
import type { Attribute, AttributeValue } from './otlp.ts'

const MAX_LIST_ITEMS = 64

/** Appends the hashes of every scalar; a list counts once per element. */
export function appendHashes(hashes: number[], attributes: readonly Attribute[]): void {
  for (const { key, value } of attributes) appendHash(hashes, key, value)
}

function appendHash(hashes: number[], key: string, value: AttributeValue): void {
  if (typeof value === 'string') {
    if (value.length <= MAX_HASHED_UNITS) hashes.push(attributeHash(key, value))
  } else if (Array.isArray(value)) {
    for (const item of value.slice(0, MAX_LIST_ITEMS)) {
      if (!Array.isArray(item)) appendHash(hashes, key, item)
    }
  } else if (typeof value !== 'object') hashes.push(attributeHash(key, String(value)))
}

/** What is hashed of a value, as text; longer texts too. */
export function scalarTexts(value: AttributeValue): string[] {
  if (typeof value === 'string') return [value]
  if (Array.isArray(value)) {
    return value
      .slice(0, MAX_LIST_ITEMS)
      .flatMap((item) => (Array.isArray(item) ? [] : scalarTexts(item)))
  }
  return typeof value === 'object' ? [] : [String(value)]
}
