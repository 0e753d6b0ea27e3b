import { expect, it } from 'vitest'
import { attributeHash } from '../spans/attribute-hash.ts'
import { appendHashes } from './attribute-hash.ts'

it('covers scalars and the elements of lists, and leaves long text out', () => {
  const hashes: number[] = []

  appendHashes(hashes, [
    { key: 'n', value: 5 },
    { key: 'b', value: true },
    { key: 'l', value: ['x', 'y'] },
    { key: 'long', value: 'z'.repeat(257) },
    { key: 'none', value: null },
  ])

  expect(hashes).toEqual([
    attributeHash('n', '5'),
    attributeHash('b', 'true'),
    attributeHash('l', 'x'),
    attributeHash('l', 'y'),
  ])
})
