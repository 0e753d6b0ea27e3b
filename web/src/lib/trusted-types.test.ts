import { expect, test } from 'vitest'
import { styleText } from './trusted-types.ts'

test('style text may be written as HTML, anything with a tag may not', () => {
  const css = ':root{--a:1px}'

  expect(styleText(css)).toBe(css)
  expect(() => styleText('</style><script>')).toThrow('only style text')
})
