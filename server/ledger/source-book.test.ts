import { expect, test } from 'vitest'
import { SourceBook } from './source-book.ts'

const sent = { dialect: 'otel', sdk: 'x'.repeat(100_000), sdkVersion: null, service: 'shop' }

test('keeps of a long name what the ledger writes of it', () => {
  const book = new SourceBook()

  const source = book.find('default', sent, 0)

  expect(source).toEqual({
    dialect: 'otel',
    sdk: 'x'.repeat(200),
    sdkVersion: null,
    service: 'shop',
  })
  expect(book.find('default', { ...sent, sdk: `${sent.sdk}y` }, 0)).toBe(source)
})
