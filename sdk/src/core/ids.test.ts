import { afterEach, expect, test, vi } from 'vitest'
import { newIds, newSpanId } from './ids.ts'

afterEach(() => {
  vi.unstubAllGlobals()
  vi.resetModules()
})

const COUNT = 20_000

/** How often a byte is zero, which it is in one of 256. */
function zeros(ids: readonly string[], byte: number): number {
  return ids.filter((id) => id.slice(byte * 2, byte * 2 + 2) === '00').length
}

test('the half of a trace id that samplers go by is random in every byte', () => {
  const traceIds = Array.from({ length: COUNT }, () => newIds().slice(0, 32))

  for (let byte = 8; byte < 16; byte++) expect(zeros(traceIds, byte)).toBeGreaterThan(20)
})

test('ids are random hex of their length and never all zeros, with a Buffer and without', async () => {
  vi.stubGlobal('Buffer', undefined)
  vi.resetModules()
  const plain = await import('./ids.ts')
  vi.unstubAllGlobals()

  for (const ids of [{ newIds, newSpanId }, plain]) {
    const both = Array.from({ length: COUNT }, ids.newIds)
    const spanIds = [
      ...Array.from({ length: COUNT }, ids.newSpanId),
      ...both.map((id) => id.slice(32)),
    ]
    expect(both.every((id) => /^[0-9a-f]{48}$/.test(id))).toBe(true)
    expect(new Set(both.map((id) => id.slice(0, 32))).size).toBe(COUNT)
    expect(spanIds.every((id) => /^[0-9a-f]{16}$/.test(id))).toBe(true)
    expect(new Set(spanIds).size).toBe(2 * COUNT)
    expect(zeros(both, 0) + zeros(spanIds, 0)).toBe(0)
  }
})
