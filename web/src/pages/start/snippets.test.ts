import { expect, test } from 'vitest'
import { guidesFor } from './snippets.ts'

const textOf = (origin: string): string[] =>
  Object.values(guidesFor(origin)).map(({ snippets }) =>
    snippets.map(({ text }) => text).join('\n'),
  )

test('on the default address the SDK needs no endpoint', () => {
  const sdk = guidesFor('http://localhost:4318')
    .sdk.snippets.map(({ text }) => text)
    .join('\n')

  expect(sdk).toContain("init({ service: 'my-app' })")
})

test('any other address is named in the snippet of every way', () => {
  const origin = 'http://127.0.0.1:4999'

  for (const text of textOf(origin)) expect(text).toContain(origin)
  expect(guidesFor(origin).sdk.snippets[1]?.text).toContain(`endpoint: '${origin}'`)
})
