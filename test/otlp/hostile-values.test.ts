import { expect, it } from 'vitest'
import { Span } from '../../server/contract/index.ts'
import { describeSpan } from '../../server/ingest/describe.ts'
import { normaliseTraces } from '../../server/ingest/normalise.ts'
import type { AttributeValue, OtlpSpan } from '../../server/ingest/otlp.ts'
import { summariseSpan } from '../../server/ingest/summarise-span.ts'
import { decodeSource, listSources } from './read-fixtures.ts'

/** What any attribute of any sender may hold instead of what its documentation says. */
const HOSTILE: readonly AttributeValue[] = [
  null,
  '',
  '__REDACTED__',
  'null',
  '"',
  '{"a":',
  '[null]',
  '[[[]]]',
  '{"messages":[null,5,{"role":5},{"role":"user","content":[null,{"type":null}]}]}',
  '{"choices":[null,{"message":null}],"candidates":[{}],"generations":[[null]],"output":{}}',
  '{"__proto__":{"x":1},"constructor":1,"type":"constructor","role":"constructor"}',
  "{'a': None, 'b': [True, (1,)]}",
  '['.repeat(5_000),
  'True',
  '1e999',
  -1,
  Number.NaN,
  2n ** 62n,
  true,
  [],
  [null, 'a', 5, { entries: [] }, 2n ** 62n],
  {
    entries: [
      { key: 'parts', value: 'x' },
      { key: 'role', value: null },
    ],
  },
  new Uint8Array([0xff, 0x00]),
]

function readAll(span: OtlpSpan): void {
  const { records } = normaliseTraces({ format: 'protobuf', spans: [span] }, { nowUs: span.endUs })
  for (const record of records) {
    const described = Span.parse(describeSpan(span, summariseSpan(record)))
    expect(() => JSON.stringify(described)).not.toThrow()
  }
}

it.each(listSources())('no attribute value of %s makes the reader throw', (source) => {
  const spans = decodeSource(source)
  let read = 0
  for (const [at, span] of spans.entries()) {
    for (const [index, { key }] of span.attributes.entries()) {
      // Each attribute meets every value in some span; all of them in all spans would take minutes.
      const value = HOSTILE[(at + index) % HOSTILE.length] ?? null
      const attributes = span.attributes.with(index, { key, value })
      readAll({ ...span, attributes })
      read += 1
    }
    for (const value of HOSTILE) {
      readAll({ ...span, attributes: span.attributes.map(({ key }) => ({ key, value })) })
    }
  }

  expect(read).toBe(spans.reduce((sum, { attributes }) => sum + attributes.length, 0))
})
