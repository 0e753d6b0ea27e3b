import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { adjustPValues } from './benjamini-hochberg.ts'
import { chiSquareUpperTail, logChiSquareUpperTail } from './chi-square.ts'
import { populationStability } from './psi.ts'
import type { Smoothing } from './psi.ts'

type Tolerance = { abs: number; rel: number }
type Entry = {
  id: string
  statistic: string
  tolerance: Tolerance
  input: unknown
  expected: unknown
}

const file = new URL('../../../test/fixtures/stats/reference.json', import.meta.url)
const { entries } = JSON.parse(readFileSync(file, 'utf8')) as { entries: Entry[] }

function casesOf<Input, Expected>(
  statistic: string,
): { id: string; input: Input; expected: Expected; tolerance: Tolerance }[] {
  const found = entries.filter((entry) => entry.statistic === statistic)
  return found.map((entry) => ({
    ...entry,
    input: entry.input as Input,
    expected: entry.expected as Expected,
  }))
}

function expectNear(got: number, expected: number, { abs, rel }: Tolerance): void {
  expect(Math.abs(got - expected)).toBeLessThanOrEqual(abs + rel * Math.abs(expected))
}

type PsiInput = {
  ref_counts: number[]
  cur_counts: number[]
  smoothing: { kind: 'none' | 'additive' | 'floor'; alpha?: number; eps?: number }
}
type PsiExpected = Record<'psi' | 'bias' | 'psi_debiased' | 'scaled' | 'p_value', number>

function smoothingOf({ kind, alpha = 0, eps = 0 }: PsiInput['smoothing']): Smoothing {
  if (kind === 'additive') return { kind, alpha }
  return kind === 'floor' ? { kind, epsilon: eps } : { kind }
}

test.each(casesOf<PsiInput, PsiExpected>('psi'))('PSI of $id', ({ input, expected, tolerance }) => {
  const smoothing = smoothingOf(input.smoothing)
  const got = populationStability(input.ref_counts, input.cur_counts, smoothing)

  expectNear(got.psi, expected.psi, tolerance)
  expectNear(got.bias, expected.bias, tolerance)
  expectNear(got.debiased, expected.psi_debiased, tolerance)
  expectNear(got.scaled, expected.scaled, tolerance)
  expectNear(got.pValue, expected.p_value, tolerance)
})

test.each(casesOf<{ fn: string; args: [number, number] }, { value: number }>('special'))(
  'chi-square tail of $id',
  ({ input, expected, tolerance }) => {
    const [x, df] = input.args
    const got = input.fn === 'chi2_logsf' ? logChiSquareUpperTail(x, df) : chiSquareUpperTail(x, df)

    expectNear(got, expected.value, tolerance)
  },
)

test.each(casesOf<{ p_values: number[] }, { bh: number[] }>('bh_adjust'))(
  'adjusted p-values of $id',
  ({ input, expected, tolerance }) => {
    const got = adjustPValues(input.p_values)

    expect(got.length).toBe(expected.bh.length)
    got.forEach((p, i) => {
      expectNear(p, expected.bh[i] ?? Number.NaN, tolerance)
    })
  },
)

test('every kind of entry in the file is checked here', () => {
  const statistics = new Set(entries.map((entry) => entry.statistic))

  expect([...statistics].toSorted()).toEqual(['bh_adjust', 'exp_histogram_index', 'psi', 'special'])
})
