import { describe, expect, test } from 'vitest'
import { demoIncidents, effectAt, scenarioIncidents } from './scenario.ts'

const WINDOW = { start: 1_000_000, end: 2_000_000 }
const MINUTE_MS = 60_000

describe('scenarios', () => {
  test('steady has no event', () => {
    expect(scenarioIncidents('steady', WINDOW)).toEqual([])
  })

  test.for(['prompt-drift', 'latency-regression'] as const)('%s is labelled', (scenario) => {
    const incidents = scenarioIncidents(scenario, WINDOW)

    expect(incidents).toHaveLength(1)
    expect(incidents[0]).toMatchObject({ id: `${scenario}-1`, type: scenario, ...WINDOW })
  })

  test('prompt-drift takes three times the passages, in its window only', () => {
    const incidents = scenarioIncidents('prompt-drift', WINDOW)

    expect(effectAt(incidents, WINDOW.start - 1).passages).toBe(8)
    expect(effectAt(incidents, WINDOW.start)).toEqual({
      passages: 24,
      ttftFactor: 1,
      toolFactor: 1,
    })
    expect(effectAt(incidents, WINDOW.end).passages).toBe(8)
  })

  test('latency-regression slows the first token and nothing else', () => {
    const incidents = scenarioIncidents('latency-regression', WINDOW)

    expect(effectAt(incidents, WINDOW.start)).toEqual({
      passages: 8,
      ttftFactor: 2.5,
      toolFactor: 1,
    })
  })
})

describe('the endless demo', () => {
  test('has one incident every ten minutes, latency and prompt length in turn', () => {
    const incidents = demoIncidents(0, { from: 0, to: 40 * MINUTE_MS })

    expect(incidents.map(({ type }) => type)).toEqual([
      'latency-regression',
      'prompt-drift',
      'latency-regression',
      'prompt-drift',
    ])
    const gaps = incidents
      .slice(1)
      .map(({ start }, index) => start - (incidents[index]?.start ?? 0))
    expect(gaps).toEqual([10, 10, 10].map((minutes) => minutes * MINUTE_MS))
  })

  test('an incident has the same label whichever range asks for it', () => {
    const all = demoIncidents(0, { from: 0, to: 100 * MINUTE_MS })
    const third = all[2]

    const start = third?.start ?? 0
    expect(demoIncidents(0, { from: start, to: start + 1 })).toEqual([third])
  })
})
