import { logGamma } from './log-gamma.ts'

const MAX_TERMS = 10_000
const PRECISION = 1e-16
const TINY = 1e-300

/** Upper tail of the chi-square distribution: P(X >= x) with `df` degrees of freedom. */
export function chiSquareUpperTail(x: number, df: number): number {
  return Math.exp(logChiSquareUpperTail(x, df))
}

/** Its natural logarithm, accurate where the tail itself underflows. */
export function logChiSquareUpperTail(x: number, df: number): number {
  if (!(x > 0)) return 0
  const a = df / 2
  const half = x / 2
  const logScale = a * Math.log(half) - half - logGamma(a)
  // The series converges left of the mean, the continued fraction right of it.
  if (half < a + 1) return Math.log1p(-Math.exp(logScale + Math.log(lowerSeries(a, half))))
  return logScale + Math.log(upperFraction(a, half))
}

/** Sum of x^k / (a (a+1) … (a+k)): the regularised lower incomplete gamma without its scale. */
function lowerSeries(a: number, x: number): number {
  let term = 1 / a
  let sum = term
  for (let k = 1; k < MAX_TERMS && term > sum * PRECISION; k += 1) {
    term *= x / (a + k)
    sum += term
  }
  return sum
}

/** Continued fraction of the upper incomplete gamma, by Lentz's method, without its scale. */
function upperFraction(a: number, x: number): number {
  let b = x + 1 - a
  let c = 1 / TINY
  let d = 1 / b
  let fraction = d
  for (let i = 1; i < MAX_TERMS; i += 1) {
    const numerator = -i * (i - a)
    b += 2
    d = numerator * d + b
    if (Math.abs(d) < TINY) d = TINY
    c = b + numerator / c
    if (Math.abs(c) < TINY) c = TINY
    d = 1 / d
    const factor = d * c
    fraction *= factor
    if (Math.abs(factor - 1) < PRECISION) break
  }
  return fraction
}
