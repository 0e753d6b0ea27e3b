import { createHash, randomBytes } from 'node:crypto'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { resolveFields, toAttributes } from './content.ts'
import { Content } from './fields.ts'
import { isVector, withoutMedia } from './media.ts'

// Where there is no Node: an edge runtime, or a browser.
beforeEach(() => {
  vi.stubGlobal('process', undefined)
  vi.stubGlobal('Buffer', undefined)
})
afterEach(() => {
  vi.unstubAllGlobals()
})

const bytes = new Uint8Array(randomBytes(2_000))
const sha256 = createHash('sha256').update(bytes).digest('hex')
const base64 = btoa(String.fromCharCode(...bytes))
const blob = { type: 'blob', modality: 'audio', mime_type: 'audio/wav' }

function fieldsOf(value: unknown) {
  return { k: new Content('input.messages', value) }
}

test.each([
  ['base64', base64],
  ['base64 for URLs', base64.replaceAll('+', '-').replaceAll('/', '_')],
  ['bytes', bytes],
])('without Node, %s is hashed by WebCrypto when the span is encoded', async (_, content) => {
  const resolved = await resolveFields(fieldsOf([{ ...blob, content }]))

  expect(resolved).toEqual({ k: JSON.stringify([{ ...blob, bytes: 2_000, sha256 }]) })
})

test('without Node, a span that cannot wait tells the size alone', () => {
  const uri = `data:audio/wav;base64,${base64}`

  expect(toAttributes(fieldsOf([{ ...blob, content: bytes }, uri]))).toEqual({
    k: JSON.stringify([{ ...blob, bytes: 2_000 }, '[audio/wav, 2000 bytes]']),
  })
})

test('without WebCrypto either, the size is told as well', () => {
  vi.stubGlobal('crypto', undefined)

  expect(resolveFields(fieldsOf([{ ...blob, content: bytes }]))).toEqual({
    k: JSON.stringify([{ ...blob, bytes: 2_000 }]),
  })
})

test('what is no base64 is no failure', async () => {
  const [part] = JSON.parse(
    String((await resolveFields(fieldsOf([{ ...blob, content: '?'.repeat(4_000) }])))['k']),
  ) as { sha256: string }[]

  expect(part?.sha256).toMatch(/^[0-9a-f]{64}$/)
})

test('content without media is the very same value', () => {
  const value = [{ role: 'user', parts: [{ type: 'text', content: 'x'.repeat(5_000) }] }]
  const options = { media: 'hash', maxBytes: 64_000, digest: () => undefined } as const

  expect(withoutMedia(value, options).value).toBe(value)
})

test('a vector is more than 64 numbers and nothing else', () => {
  expect(isVector(Array<number>(65).fill(1))).toBe(true)
  expect(isVector(Array<number>(64).fill(1))).toBe(false)
  expect(isVector([...Array<number>(70).fill(1), 'end'])).toBe(false)
})
