import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { compareCase } from './compare-fixture.ts'
import { DIALECTS_PAGE, renderDialectsPage } from './dialect-table.ts'
import { listSources, readCases } from './read-fixtures.ts'
import { REQUIRED_SOURCES } from './required-sources.ts'

describe.each(REQUIRED_SOURCES)('%s', (source) => {
  it.each(readCases(source).map((fixture) => [fixture.name, fixture] as const))(
    'reads %s as its expected.json says, in every field',
    (_, fixture) => {
      const results = compareCase(fixture)

      expect(results.length).toBeGreaterThan(30 * fixture.expected.spans.length)
      expect(results.filter((result) => !result.ok)).toEqual([])
    },
  )
})

it('reads the spans of every captured case without refusing one', () => {
  for (const source of listSources()) {
    for (const { name, expected, spans } of readCases(source)) {
      expect([source, name, spans.length]).toEqual([source, name, expected.spans.length])
    }
  }
})

it('finds docs/dialects.md up to date (else: node test/otlp/dialect-table.ts)', () => {
  expect(readFileSync(DIALECTS_PAGE, 'utf8')).toBe(renderDialectsPage())
})
