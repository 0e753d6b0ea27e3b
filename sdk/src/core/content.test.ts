import { createHash, randomBytes } from 'node:crypto'
import type { Attributes } from '@opentelemetry/api'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { resolveFields, toAttributes } from './content.ts'
import type { ContentPolicy } from './content.ts'
import { Content } from './fields.ts'
import type { ContentField } from './fields.ts'

const messages = [{ role: 'user', parts: [{ type: 'text', content: 'my card is 4111' }] }]

function policyOf(policy: Partial<ContentPolicy>): ContentPolicy {
  return { mode: 'full', maxBytes: 1_000, ...policy }
}

function fieldsOf(value: unknown, field: ContentField = 'input.messages') {
  return { k: new Content(field, value, 'openai') }
}

function write(policy: Partial<ContentPolicy>, value: unknown = messages): Attributes {
  return toAttributes(fieldsOf(value), policyOf(policy))
}

function resolve(policy: Partial<ContentPolicy>, value: unknown = messages) {
  return resolveFields(fieldsOf(value), policyOf(policy))
}

describe.each([
  ['at once', write],
  ['when the span is encoded', resolve],
])('written %s', (_, writeIn) => {
  test('full content is the value as JSON', () => {
    expect(writeIn({})).toEqual({ k: JSON.stringify(messages) })
  })

  test('no content leaves no trace', () => {
    expect(writeIn({ mode: 'none' })).toEqual({})
  })

  test('redacted content without a hook keeps roles and types and hides what was said', () => {
    expect(writeIn({ mode: 'redacted' })).toEqual({
      k: '[{"role":"user","parts":[{"type":"text","content":"[redacted 15 chars]"}]}]',
    })
  })

  test('a hook sees the value, its field and its provider', () => {
    const seen: unknown[] = []
    const redact: ContentPolicy['redact'] = (value, where) => {
      seen.push(value, where)
      return 'changed'
    }

    expect(writeIn({ mode: 'redacted', redact })).toEqual({ k: '"changed"' })
    expect(seen).toEqual([messages, { field: 'input.messages', provider: 'openai' }])
  })

  test('a hook that throws drops the field and says so', () => {
    function redact(): never {
      throw new Error('no')
    }

    expect(writeIn({ redact })).toEqual({ 'sightline.content.dropped': ['input.messages'] })
  })

  test('a hook that answers undefined leaves the field out', () => {
    expect(writeIn({ redact: () => undefined })).toEqual({})
  })

  test('what is cut is marked as cut', () => {
    expect(writeIn({ maxBytes: 100 }, [{ content: 'x'.repeat(500) }])).toMatchObject({
      'sightline.content.truncated': true,
    })
  })

  test('a value that cannot be serialised is dropped, not thrown', () => {
    expect(writeIn({}, { big: 10n })).toEqual({ 'sightline.content.dropped': ['input.messages'] })
  })

  test('two dropped fields are both named', () => {
    const fields = { a: new Content('input', 1n), b: new Content('output', 1n) }

    expect(toAttributes(fields)).toEqual({ 'sightline.content.dropped': ['input', 'output'] })
    expect(resolveFields(fields)).toEqual({ 'sightline.content.dropped': ['input', 'output'] })
  })
})

describe('a hook that answers later', () => {
  afterEach(() => {
    vi.useRealTimers()
  })

  test('is waited for when the span is encoded, and no other field waits for nothing', async () => {
    const fields = {
      plain: 1,
      left: undefined,
      said: new Content('input', 'a secret'),
      answer: new Content('output', 'fine'),
    }
    const policy = policyOf({
      redact: (value, { field }) => (field === 'input' ? Promise.resolve('hidden') : value),
    })

    const resolved = resolveFields(fields, policy)

    expect(resolved).toBeInstanceOf(Promise)
    expect(await resolved).toEqual({ plain: 1, said: '"hidden"', answer: '"fine"' })
  })

  test('drops its field where the span cannot wait', () => {
    expect(write({ redact: async (value) => value })).toEqual({
      'sightline.content.dropped': ['input.messages'],
    })
  })

  test('drops its field when it rejects, whether or not somebody waits', async () => {
    const redact = async () => Promise.reject(new Error('late'))

    expect(write({ redact })).toEqual({ 'sightline.content.dropped': ['input.messages'] })
    expect(await resolve({ redact })).toEqual({ 'sightline.content.dropped': ['input.messages'] })
  })

  test('drops its field when it never answers', async () => {
    vi.useFakeTimers()
    const resolved = resolve({ redact: () => new Promise(() => undefined) })

    await vi.advanceTimersByTimeAsync(5_000)

    expect(await resolved).toEqual({ 'sightline.content.dropped': ['input.messages'] })
  })
})

describe('media', () => {
  const bytes = randomBytes(3_001)
  const sha256 = createHash('sha256').update(bytes).digest('hex')
  const blob = { type: 'blob', modality: 'image', mime_type: 'image/png' }

  function written(policy: Partial<ContentPolicy>, value: unknown): unknown {
    const { k } = write({ maxBytes: 64_000, ...policy }, value)
    return typeof k === 'string' ? JSON.parse(k) : k
  }

  test.each([
    ['base64', bytes.toString('base64')],
    ['base64 for URLs', bytes.toString('base64url')],
    ['bytes', new Uint8Array(bytes)],
    ['a Buffer', bytes],
  ])('larger than 1 kB, given as %s, are the hash and the number of their bytes', (_, content) => {
    expect(written({}, [{ ...blob, content }])).toEqual([{ ...blob, bytes: 3_001, sha256 }])
  })

  test('in a message are hashed in a copy: the application keeps what it gave', () => {
    const content = bytes.toString('base64')
    const message = {
      role: 'user',
      parts: [
        { type: 'text', content: 'see' },
        { ...blob, content },
      ],
    }

    const shown = written({}, [message])

    expect(shown).toEqual([
      {
        role: 'user',
        parts: [
          { type: 'text', content: 'see' },
          { ...blob, bytes: 3_001, sha256 },
        ],
      },
    ])
    expect(message.parts[1]).toEqual({ ...blob, content })
  })

  test('up to 1 kB travel as base64', () => {
    const small = { ...blob, content: new Uint8Array([1, 2, 3]) }

    expect(written({}, [small])).toEqual([{ ...blob, content: 'AQID' }])
  })

  test('are dropped but for their size when asked', () => {
    expect(written({ media: 'drop' }, [{ ...blob, content: bytes }])).toEqual([
      { ...blob, bytes: 3_001 },
    ])
  })

  test('are sent when asked, unless they alone are too large for the field', () => {
    const content = bytes.toString('base64')

    expect(written({ media: 'inline' }, [{ ...blob, content: bytes }])).toEqual([
      { ...blob, content },
    ])
    expect(written({ media: 'inline', maxBytes: 4_000 }, [{ ...blob, content }])).toEqual([
      { ...blob, bytes: 3_001, sha256 },
    ])
  })

  test('as a data URL are treated alike', () => {
    const uri = `data:image/png;base64,${bytes.toString('base64')}`

    expect(written({}, [{ type: 'uri', modality: 'image', uri }])).toEqual([
      { ...blob, bytes: 3_001, sha256 },
    ])
    expect(written({}, { page: `<img src="${uri}"> and ![](${uri})` })).toEqual({
      page: `<img src="[image/png, 3001 bytes, sha256 ${sha256}]"> and ![]([image/png, 3001 bytes, sha256 ${sha256}])`,
    })
  })

  test('keep their hash in redacted mode, and lose their content', () => {
    expect(written({ mode: 'redacted' }, [{ ...blob, content: bytes }])).toEqual([
      { ...blob, bytes: 3_001, sha256 },
    ])
  })

  test('that are large are hashed by another thread', async () => {
    const large = randomBytes(400_000)
    const content = large.toString('base64')

    const resolved = resolve({ maxBytes: 64_000 }, [{ ...blob, content }])

    expect(resolved).toBeInstanceOf(Promise)
    const hash = createHash('sha256').update(large).digest('hex')
    expect(await resolved).toEqual({
      k: JSON.stringify([{ ...blob, bytes: 400_000, sha256: hash }]),
    })
  })

  test('that are very large tell their size alone where the program would wait for the hash', () => {
    expect(written({}, [{ ...blob, content: Buffer.alloc(1_100_000) }])).toEqual([
      { ...blob, bytes: 1_100_000 },
    ])
  })

  test('vectors are their length, lists of a few numbers stay', () => {
    const vector = Array.from({ length: 1_536 }, (_, index) => index / 7)

    expect(written({}, { vector, few: [1, 2, 3], typed: new Float32Array(3) })).toEqual({
      vector: '[1536 numbers]',
      few: [1, 2, 3],
      typed: '[12 bytes]',
    })
  })
})
