import { attributeHash, MAX_HASHED_UNITS } from '../spans/attribute-hash.ts'
import type { Attribute, AttributeValue } from './otlp.ts'

/** Appends the hashes of every scalar; a list counts once per element. */
export function appendHashes(hashes: number[], attributes: readonly Attribute[]): void {
  for (const { key, value } of attributes) appendHash(hashes, key, value)
}

function appendHash(hashes: number[], key: string, value: AttributeValue): void {
  if (typeof value === 'string') {
    if (value.length <= MAX_HASHED_UNITS) hashes.push(attributeHash(key, value))
  } else if (Array.isArray(value)) {
    for (const item of value.slice(0, 64)) if (!Array.isArray(item)) appendHash(hashes, key, item)
  } else if (typeof value !== 'object') hashes.push(attributeHash(key, String(value)))
}
