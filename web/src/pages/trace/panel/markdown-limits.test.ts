import { expect, test } from 'vitest'
import { markdownRefusal } from './markdown-limits.ts'

test('an ordinary message is drawn', () => {
  const text = 'Some **bold** text with [a link](https://a.example) and `code`.\n\n'.repeat(150)

  expect(markdownRefusal(text)).toBeNull()
  expect(markdownRefusal(`${'-'.repeat(100)}\n${'*'.repeat(100)}\n  - one\n    - two\n`)).toBeNull()
})

test('a long one is not, and the reason names both lengths', () => {
  expect(markdownRefusal('a'.repeat(20_000))).toContain('this text has 20,000')
})

test.each([
  ['quotes within quotes', '>'.repeat(1_000)],
  ['lists within lists', '- '.repeat(500)],
  [
    'deep lists',
    Array.from({ length: 40 }, (_, level) => `${' '.repeat(level * 2)}- a`).join('\n'),
  ],
  ['pairs without end', '*_'.repeat(4_000)],
  ['brackets without end', '['.repeat(16_000)],
  ['addresses without end', 'www.a '.repeat(2_000)],
])('%s would hold up the page and are not drawn', (_, text) => {
  expect(markdownRefusal(text)).toContain('more marks')
})
