import { renderToStaticMarkup } from 'react-dom/server'
import { expect, test } from 'vitest'
import { Markdown } from './Markdown.tsx'

const html = (text: string): string => renderToStaticMarkup(<Markdown text={text} />)

test('the usual marks of a message are drawn', () => {
  const out = html(
    '# Title\n\n**bold** `code`\n\n| a | b |\n|--:|---|\n| 1 | 2 |\n\n- [x] done\n- [ ] open',
  )

  expect(out).toContain('<strong>bold</strong>')
  expect(out).toContain('<code>code</code>')
  expect(out).toContain('<td style="text-align:right">1</td>')
  expect(out).toContain('☑')
  expect(out).toContain('☐')
  expect(out).toContain('md-h1')
  expect(out).not.toContain('<h1')
})

test.each([
  '![](https://evil.example/?q=1)',
  '![alt][ref]\n\n[ref]: https://evil.example/?q=2',
  '[![](https://evil.example/3)](https://evil.example/4)',
  '![](//evil.example/5)',
  '![](data:image/png;base64,AAAA)',
])('an image is named with its host and not there: %s', (text) => {
  const out = html(text)

  expect(out).toContain('Image blocked, from')
  expect(out).not.toMatch(/<(img|link|source|picture)\b|src=|srcset=|preload/)
})

test('the placeholder names the host', () => {
  expect(html('![](https://evil.example/?q=1)')).toContain('Image blocked, from evil.example')
})

test.each([
  '[x](javascript:alert(1))',
  '[x](JaVaScRiPt:alert(1))',
  '[x](java&#10;script:alert(1))',
  '[x](vbscript:msgbox(1))',
  '[x](data:text/html,<script>alert(1)</script>)',
  '<javascript:alert(1)>',
])('an address that runs something is left out: %s', (text) => {
  const out = html(text)

  expect(out).not.toMatch(/href|<a\b|title="[^"]*(script|data):/i)
})

test.each([
  '<img src=x onerror=alert(1)>',
  '<svg onload=alert(1)><script>alert(2)</script></svg>',
  '<base href="https://evil.example/">',
  '<iframe src="https://evil.example/"></iframe>',
  '<style>@import "https://evil.example/a.css"</style>',
  '<meta http-equiv=refresh content="0;url=https://evil.example/">',
  '<link rel=preload as=image href="https://evil.example/">',
  '<form action="https://evil.example/"><input type=submit></form>',
  '<!-- <img src=x> -->',
  '**a** <b onclick=alert(1)>b</b>',
])('HTML in a message is no HTML: %s', (text) => {
  const out = html(text)

  expect(out).not.toMatch(/<(img|svg|script|base|iframe|style|meta|link|form|input|b)\b/)
  expect(out).not.toMatch(/\son\w+=/)
})

test('a link is a button that shows its host; an autolink too', () => {
  const out = html(
    '[our shop](https://evil.example/path) and https://xn--pple-43d.com/ and www.a.example',
  )

  expect(out).not.toMatch(/<a\b|href/)
  expect(out).toContain('our shop <span class="md-host">evil.example</span>')
  expect(out).toContain('<span class="md-host">xn--pple-43d.com</span>')
  expect(out).toContain('<span class="md-host">www.a.example</span>')
})

test('a look-alike host is shown in its plain form', () => {
  expect(html('[x](https://аpple.com/)')).toContain('xn--pple-43d.com')
})

test('footnotes stay text and lead nowhere', () => {
  const out = html('a[^1]\n\n[^1]: note <img src=x>')

  expect(out).toContain('note')
  expect(out).not.toMatch(/<a\b|href|\sid=|<img/)
})
