import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { cutJson, joinChunk, readChunk } from './chunk.ts'
import { decodeTracesJson } from './decode-json.ts'
import type { OtlpSpan, OtlpTraces } from './otlp.ts'
import { sampleBody, type SampleSpan, sampleRequest } from './sample-otlp.ts'

const samples: SampleSpan[] = Array.from({ length: 6 }, (_, index) => ({
  attributes: { index, '__proto__.x': 'a' },
  resource: { 'service.name': `service-${index % 3}` },
  scope: { name: `scope-${index}` },
}))

/** What a reader sees of a span, without where it stood. */
function seen({ traces }: { traces: OtlpTraces }): unknown[] {
  return traces.spans.map(({ source: _source, group, ...span }: OtlpSpan) => ({
    ...span,
    resource: group.resource,
    scope: group.scope,
  }))
}

describe('a JSON chunk', () => {
  const body = sampleBody(...samples)
  const traces = decodeTracesJson(body)

  it('of some spans holds just these, in order, with their resource and scope', () => {
    fc.assert(
      fc.property(fc.subarray([0, 1, 2, 3, 4, 5]), (indexes) => {
        const cut = decodeTracesJson(cutJson(traces, indexes))

        const all = seen({ traces })
        expect(seen({ traces: cut })).toEqual(indexes.map((index) => all[index]))
      }),
    )
  })

  it('of several bodies counts through them', () => {
    const chunk = joinChunk('json', [body, cutJson(traces, [1, 4])])

    const read = readChunk('json', chunk)

    const all = seen({ traces })
    expect(seen({ traces: read })).toEqual([...all, all[1], all[4]])
  })

  it('that is no array of bodies is refused', () => {
    expect(() => readChunk('json', Buffer.from('{}'))).toThrow('must be an array')
  })

  it('keeps siblings in one group of a request together', () => {
    const request = sampleRequest({ attributes: { a: 1 } })
    const [resourceSpans] = request['resourceSpans'] as { scopeSpans: { spans: unknown[] }[] }[]
    const spans = resourceSpans?.scopeSpans[0]?.spans ?? []
    spans.push({ ...(spans[0] as object), spanId: '00000000000000aa' })
    const two = decodeTracesJson(Buffer.from(JSON.stringify(request)))

    const cut = JSON.parse(cutJson(two, [0, 1]).toString()) as { resourceSpans: unknown[] }

    expect(cut.resourceSpans).toHaveLength(1)
  })
})

it('refuses an index that the request does not have', () => {
  const traces = decodeTracesJson(sampleBody({}))

  expect(() => cutJson(traces, [1])).toThrow('span 1 of 1 cannot be cut out')
})
