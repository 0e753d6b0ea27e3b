import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeTracesProtobuf } from '../../server/ingest/decode-protobuf.ts'
import { DecodeError, type OtlpSpan } from '../../server/ingest/otlp.ts'
import { randomStream } from '../simulator/random.ts'
import { mutateBytes } from './mutate-bytes.ts'
import { mutateMessage } from './mutate-message.ts'
import { traceRequest } from './trace-arbitrary.ts'
import { decodeRequest, encodeRequest } from './trace-proto.ts'
import { plainSpan, referenceSpans } from './trace-reference.ts'

const seed = fc.nat()

describe('the hand-written decoder and protobufjs', () => {
  it('read the same from a message in any order, with parts left out and unknown ones between', () => {
    let changed = 0
    fc.assert(
      fc.property(traceRequest, seed, (message, at) => {
        const random = randomStream(at, 'mutate')
        const body = encodeRequest(message)
        let mutated = body
        for (let left = 1 + random.integer(6); left > 0; left--) {
          mutated = mutateMessage(mutated, random)
        }
        if (!mutated.equals(body)) changed += 1

        const { spans } = decodeTracesProtobuf(mutated)

        expect(canonical(spans.map(plainSpan))).toEqual(
          canonical(referenceSpans(decodeRequest(mutated))),
        )
      }),
      { numRuns: 400 },
    )
    expect(changed).toBeGreaterThan(200)
  })

  it('read the same from two requests behind one another', () => {
    fc.assert(
      fc.property(traceRequest, traceRequest, (first, second) => {
        const body = Buffer.concat([encodeRequest(first), encodeRequest(second)])

        const { spans } = decodeTracesProtobuf(body)

        expect(canonical(spans.map(plainSpan))).toEqual(
          canonical(referenceSpans(decodeRequest(body))),
        )
      }),
    )
  })

  it('agree on damaged bytes wherever both find a message', () => {
    let agreed = 0
    fc.assert(
      fc.property(traceRequest, seed, (message, at) => {
        const damaged = mutateBytes(encodeRequest(message), randomStream(at, 'damage'))
        const spans = spansOf(damaged)
        const reference = referenceOf(damaged)
        if (spans === null || reference === null) return
        agreed += 1

        expect(canonical(spans.map(plainSpan))).toEqual(canonical(reference))
      }),
      { numRuns: 1_500 },
    )
    expect(agreed).toBeGreaterThan(100)
  })
})

function spansOf(body: Buffer): OtlpSpan[] | null {
  try {
    return decodeTracesProtobuf(body).spans
  } catch (error) {
    expect(error).toBeInstanceOf(DecodeError)
    return null
  }
}

function referenceOf(body: Buffer): unknown[] | null {
  try {
    return referenceSpans(decodeRequest(body))
  } catch {
    return null
  }
}

const ID_FIELDS = new Set(['traceId', 'spanId', 'parentSpanId'])
const TIME_FIELDS = new Set(['startUs', 'endUs', 'timeUs'])

/**
 * What the decoder does on purpose: of an id its first 32 bytes, no parent for zeros, no U+0000, and
 * no exact microseconds beyond the year 2255.
 */
function canonical(value: unknown, key = ''): unknown {
  if (typeof value === 'string') return canonicalText(value, key)
  if (typeof value === 'number') return canonicalNumber(value, key)
  if (Array.isArray(value)) return value.map((item) => canonical(item))
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return value
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]: [string, unknown]) => [name, canonical(inner, name)]),
  )
}

function canonicalText(value: string, key: string): string | null {
  if (ID_FIELDS.has(key)) {
    if (key === 'parentSpanId' && /^(0{16})?$/.test(value)) return null
    return value.slice(0, 64)
  }
  return value.replaceAll('\u0000', '\ufffd').toWellFormed()
}

function canonicalNumber(value: number, key: string): number {
  if (TIME_FIELDS.has(key)) return value > Number.MAX_SAFE_INTEGER ? -1 : value
  // An enum of 32 bits, which protobufjs reads as signed.
  return key === 'kind' || key === 'statusCode' ? value >>> 0 : value
}
