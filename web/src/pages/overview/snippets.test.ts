import { expect, test } from 'vitest'
import { snippetsFor } from './snippets.ts'

test('on the default address the SDK needs no endpoint', () => {
  expect(snippetsFor('http://localhost:4318').sdk).toContain("init({ service: 'my-app' })")
})

test('any other address is named in every snippet', () => {
  const origin = 'http://127.0.0.1:4999'

  for (const snippet of Object.values(snippetsFor(origin))) expect(snippet).toContain(origin)
})
