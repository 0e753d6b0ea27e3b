import { expect, test } from 'vitest'
import { deltaOf } from './delta.ts'

const total = (value: number | null, n = 1_000) => ({ value, n })

test('a rate changes in percentage points', () => {
  expect(deltaOf(total(0.0084), total(0.0053), 'ratio')).toEqual({
    status: 'change',
    text: '0.31 pp',
    direction: 'up',
  })
})

test('other figures change by a share of what they were', () => {
  expect(deltaOf(total(4_820), total(3_490), 'ms')).toMatchObject({ text: '38%', direction: 'up' })
  expect(deltaOf(total(80), total(100), 'USD')).toMatchObject({ text: '20%', direction: 'down' })
})

test('a small change is told with its sign and without a direction', () => {
  expect(deltaOf(total(106.1), total(100), '1')).toMatchObject({ text: '+6.1%', direction: 'flat' })
  expect(deltaOf(total(98), total(100), '1')).toMatchObject({ text: '−2.0%', direction: 'flat' })
})

test('under 100 calls in either period no change is told', () => {
  expect(deltaOf(total(5, 99), total(1), 'ms')).toMatchObject({
    status: 'small',
    text: 'n 99 too small',
  })
  expect(deltaOf(total(5), total(1, 12), 'ms').status).toBe('small')
})

test('without a value before there is nothing to compare with', () => {
  expect(deltaOf(total(5), total(null, 0), 'ms').status).toBe('none')
  expect(deltaOf(total(5), total(0), 'USD').status).toBe('none')
})
