import type { Attributes } from '@opentelemetry/api'
import { expect, test } from 'vitest'
import { writeContent } from './content.ts'
import type { ContentPolicy } from './content.ts'

const messages = [{ role: 'user', parts: [{ type: 'text', content: 'my card is 4111' }] }]

function write(policy: Partial<ContentPolicy>, value: unknown = messages): Attributes {
  const attributes: Attributes = {}
  const slot = { key: 'k', field: 'input.messages', provider: 'openai' } as const
  writeContent(attributes, slot, { value, policy: { mode: 'full', maxBytes: 1_000, ...policy } })
  return attributes
}

test('full content is the value as JSON', () => {
  expect(write({})).toEqual({ k: JSON.stringify(messages) })
})

test('no content leaves no trace', () => {
  expect(write({ mode: 'none' })).toEqual({})
})

test('redacted content without a hook keeps roles and types and hides what was said', () => {
  expect(write({ mode: 'redacted' })['k']).toBe(
    '[{"role":"user","parts":[{"type":"text","content":"[redacted 15 chars]"}]}]',
  )
})

test('a hook sees the value, its field and its provider', () => {
  const seen: unknown[] = []
  const redact: ContentPolicy['redact'] = (value, where) => {
    seen.push(value, where)
    return 'changed'
  }

  expect(write({ mode: 'redacted', redact })).toEqual({ k: '"changed"' })
  expect(seen).toEqual([messages, { field: 'input.messages', provider: 'openai' }])
})

test.each([
  [
    'throws',
    () => {
      throw new Error('no')
    },
  ],
  ['answers with a promise', async () => Promise.reject(new Error('late'))],
])('a hook that %s drops the field and says so', (_, redact) => {
  expect(write({ redact })).toEqual({ 'sightline.content.dropped': ['input.messages'] })
})

test('a hook that answers undefined leaves the field out', () => {
  expect(write({ redact: () => undefined })).toEqual({})
})

test('what is cut is marked as cut', () => {
  expect(write({ maxBytes: 100 }, [{ content: 'x'.repeat(500) }])).toMatchObject({
    'sightline.content.truncated': true,
  })
})

test('a value that cannot be serialised is dropped, not thrown', () => {
  expect(write({}, { big: 10n })).toEqual({ 'sightline.content.dropped': ['input.messages'] })
})
