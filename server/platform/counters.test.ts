import { expect, test } from 'vitest'
import { createCounters } from './counters.ts'

test('counters add up by name and labels and are shown as Prometheus reads them', () => {
  const counters = createCounters()

  counters.inc('sightline_spans_total', { result: 'stored' }, 3)
  counters.inc('sightline_spans_total', { result: 'stored' })
  counters.inc('sightline_spans_total', { result: 'a "b"\n' })

  expect(counters.render()).toContain(
    [
      '# TYPE sightline_spans_total counter',
      'sightline_spans_total{result="a \\"b\\"\\n"} 1',
      'sightline_spans_total{result="stored"} 4',
      '',
    ].join('\n'),
  )
})

test('labels without end fill one line, not the memory', () => {
  const counters = createCounters()

  for (let at = 0; at < 1_500; at++) counters.inc('sightline_x_total', { key: String(at) })

  expect(counters.render()).toContain('sightline_other_events_total 500\n')
})
