import { expect, test } from 'vitest'
import { encodeTraces } from '../../support/otlp-encode.ts'
import { readJson, readProtobuf } from './count-spans.ts'

const TRACE = '0af7651916cd43dd8448eb211c80319c'

function spans(ids: readonly string[]) {
  return ids.map((spanId) => ({
    traceId: TRACE,
    spanId,
    parentSpanId: 'aaaaaaaaaaaaaaaa',
    name: 'chat',
    startMs: 1,
    endMs: 2,
    attributes: { text: 'x'.repeat(300), number: 5, ratio: 0.5, yes: true },
  }))
}

test('counts the spans of a protobuf request by their own ids, not those of their parents', () => {
  const ids = ['b7ad6b7169203331', 'b7ad6b7169203332']
  expect(readProtobuf(encodeTraces({ spans: spans(ids) })).spanIds).toEqual(ids)
})

test('counts the spans of all requests in a row, as a batch of many resources has them', () => {
  const one = encodeTraces({ spans: spans(['b7ad6b7169203331']) })
  const other = encodeTraces({ spans: spans(['b7ad6b7169203332']) })
  expect(readProtobuf(Buffer.concat([one, other])).spanIds).toHaveLength(2)
})

test('reads how many spans the sender says it has dropped', () => {
  const resource = { 'service.name': 'bench', 'sightline.sdk.dropped': 1_234 }
  expect(readProtobuf(encodeTraces({ resource, spans: [] })).dropped).toBe(1_234)
})

test('a request that is cut off is an error, not a smaller count', () => {
  const body = encodeTraces({ spans: spans(['b7ad6b7169203331']) })
  expect(() => readProtobuf(Buffer.from([...body.subarray(0, 8), 0xff]))).toThrow('no OTLP')
})

test('counts the spans of a JSON request', () => {
  const request = {
    resourceSpans: [{ scopeSpans: [{ spans: [{ spanId: 'a1' }, { spanId: 'a2' }] }] }],
  }
  const body = new TextEncoder().encode(JSON.stringify(request))
  expect(readJson(body).spanIds).toEqual(['a1', 'a2'])
})
