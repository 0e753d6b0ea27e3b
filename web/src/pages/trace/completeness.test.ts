import { expect, test } from 'vitest'
import { zoneOf } from '../../lib/zone.ts'
import { completenessOf } from './completeness.ts'
import { sampleSpan, SAMPLE_START } from './sample-span.ts'
import { traceModelOf } from './trace-model.ts'

const zone = zoneOf('utc')
const whole = traceModelOf([
  sampleSpan('root', { ms: 8_400 }),
  sampleSpan('judge', { parent: 'root', start: 8_100, ms: 1_200 }),
])
const rootless = traceModelOf([sampleSpan('child', { parent: 'root', ms: 100 })])
const facts = { loaded: 2, total: 2, isWhole: true, lastSpanAt: null, zone }

test('a trace is complete when its root has ended and no span came for five seconds', () => {
  const ended = SAMPLE_START + 9_300

  const early = completenessOf({ ...facts, model: whole }, ended + 4_000)
  const settled = completenessOf({ ...facts, model: whole }, ended + 5_000)
  const late = completenessOf({ ...facts, model: whole, lastSpanAt: ended + 4_000 }, ended + 6_000)

  expect(early).toEqual({ status: 'growing', text: '2 spans so far, last one 4 s ago' })
  expect(settled.text).toBe('complete, 2 of 2 spans, last one 900 ms after the root ended')
  expect(late.status).toBe('growing')
})

test('without a root it says how long it has waited, and later that none came', () => {
  const soon = completenessOf({ ...facts, model: rootless }, SAMPLE_START + 41_000)
  const later = completenessOf({ ...facts, model: rootless }, SAMPLE_START + 3_600_000)

  expect(soon.text).toBe('root not received yet, first span began 41 s ago')
  expect(later.text).toMatch(/^no root received, last span \d\d:\d\d$/)
})

test('while pages are on the way it says how many are shown', () => {
  const loading = completenessOf(
    { ...facts, model: whole, loaded: 200, total: 30_000, isWhole: false },
    SAMPLE_START,
  )

  expect(loading).toEqual({ status: 'loading', text: '200 of 30,000 spans shown' })
})
