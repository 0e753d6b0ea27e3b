import { expect, it } from 'vitest'
import { compileDialects } from '../../server/ingest/dialect-plan.ts'
import { DIALECTS } from '../../server/ingest/dialects/registry.ts'
import { compareCase } from './compare-fixture.ts'
import { acme } from './made-up/acme.ts'
import { type FixtureCase, readFolder } from './read-fixtures.ts'

const FOLDER = new URL('./made-up/', import.meta.url)

// One file (made-up/acme.ts), one registration, one payload.
const registered = compileDialects([...DIALECTS, acme])

function readPayload(tables = registered): FixtureCase {
  const [payload] = readFolder('made-up', FOLDER, tables)
  if (payload === undefined) throw new Error('no made-up payload')
  return payload
}

it('reads every field of a dialect that is one file and one registration', () => {
  const results = compareCase(readPayload())

  expect(results.filter(({ ok }) => !ok)).toEqual([])
  expect(results.length).toBeGreaterThan(130)
})

it('reads nothing of it where it is not registered', () => {
  const { spans } = readPayload(compileDialects(DIALECTS))

  expect(spans.map(({ span }) => [span.dialect, span.type, span.model])).toEqual(
    spans.map(() => ['otel', 'other', null]),
  )
})

it('tells where each field came from, and what nobody read', () => {
  const [crew, call, gadget] = readPayload().spans.map(({ span }) => span)

  expect(crew?.unmapped).toEqual(['acme.unheard_of'])
  expect(call?.unmapped).toEqual([])
  expect(call?.dialect).toBe('acme')
  expect(call?.mapping).toEqual(
    expect.arrayContaining([
      { field: 'type', from: 'acme.kind' },
      {
        field: 'inputTokens',
        from: 'acme.meter → in',
        note: 'cache added: the sender counts without it',
      },
      { field: 'cacheReadTokens', from: 'acme.meter → warm.read' },
      { field: 'cost.senderUsd', from: 'acme.dollars' },
      { field: 'inputMessages', from: 'acme.request' },
      { field: 'ttftMs', from: 'acme.first_ms' },
    ]),
  )
  expect(gadget?.mapping).toEqual(
    expect.arrayContaining([
      { field: 'tool.arguments', from: 'acme.given' },
      { field: 'tool.result', from: 'acme.got' },
      { field: 'error.type', from: 'acme.fault' },
    ]),
  )
})

it('has room for twenty dialects more', () => {
  const others = Array.from({ length: 20 }, (_, at) => ({
    name: `other-${at}`,
    markers: [`other.${at}`],
    fields: {},
  }))

  const { spans } = readPayload(compileDialects([...DIALECTS, ...others, acme]))

  expect(spans.map(({ span }) => span.dialect)).toEqual(['acme', 'acme', 'acme'])
  expect(() => compileDialects([...DIALECTS, ...others, ...others])).toThrow('room for 52')
})
