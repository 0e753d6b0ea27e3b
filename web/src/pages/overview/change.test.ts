import { expect, test } from 'vitest'
import { changeSentence, largestChange, type Candidate } from './change.ts'

function candidate(overrides: Partial<Candidate> & { values: [now: number, before: number] }) {
  const { values, ...rest } = overrides
  return {
    metric: 'requests',
    unit: '1',
    rise: 'neutral',
    now: { value: values[0], n: 1_000 },
    before: { value: values[1], n: 1_000 },
    ...rest,
  } satisfies Candidate
}

const slower = candidate({ metric: 'latency_p95', unit: 'ms', rise: 'bad', values: [4_820, 3_490] })

test('the figure that changed most is named with its value and its change', () => {
  const change = largestChange([candidate({ values: [106, 100] }), slower])

  expect(change).toMatchObject({ metric: 'latency_p95', isWorse: true })
  expect(change === null ? '' : changeSentence(change, 'the hour before')).toBe(
    'p95 latency is 4.82 s, +38% against the hour before.',
  )
})

test('three points of a rate outweigh a fifth of another figure', () => {
  const rate = candidate({ metric: 'error_rate', unit: 'ratio', rise: 'bad', values: [0.05, 0.02] })
  const cost = candidate({ metric: 'cost', unit: 'USD', rise: 'costly', values: [12, 10] })

  expect(largestChange([cost, rate])?.metric).toBe('error_rate')
})

test('what got better is not worse', () => {
  const faster = candidate({
    metric: 'latency_p95',
    unit: 'ms',
    rise: 'bad',
    values: [2_000, 4_000],
  })

  const change = largestChange([faster])

  expect(change?.isWorse).toBe(false)
  expect(change === null ? '' : changeSentence(change, 'yesterday')).toContain('−50%')
})

test('small changes and those of few calls are not told', () => {
  const small = candidate({ values: [105, 100] })
  const few = { ...slower, before: { value: 3_490, n: 99 } }

  expect(largestChange([small, few])).toBeNull()
})
