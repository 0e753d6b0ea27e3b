import { expect, it } from 'vitest'
import { fuzzDecoders } from './fuzz-decoders.ts'

it('20,000 damaged bodies are read or refused, and no span of those that are read is lost', () => {
  const report = fuzzDecoders(20_000, 7)

  expect(report.read + report.refused).toBe(20_000)
  expect(report.read).toBeGreaterThan(2_000)
  expect(report.refused).toBeGreaterThan(2_000)
  for (const count of [report.spans, report.faulty, report.records, report.points]) {
    expect(count).toBeGreaterThan(100)
  }
}, 120_000)
