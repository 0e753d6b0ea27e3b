import type { MetricName } from '@sightline/server/contract'
import { metricText } from '../../lib/format.ts'
import { deltaOf, type Delta } from './delta.ts'
import { metricWords } from './metric-words.ts'

type Figure = { value: number | null; n: number }
export type Candidate = {
  metric: MetricName
  unit: string
  rise: 'bad' | 'costly' | 'neutral' | 'good'
  now: Figure
  before: Figure
}
export type Change = Candidate & { delta: Delta; weight: number; isWorse: boolean }

/** A change below this share is not worth a sentence. */
export const LEAST_CHANGE = 0.1
/** One percentage point of a rate weighs as much as ten per cent of another figure. */
const POINT_WEIGHT = 10

/** The figure that changed most, where both periods rest on at least 100 calls. */
export function largestChange(candidates: readonly Candidate[]): Change | null {
  const [largest] = candidates
    .flatMap((candidate) => {
      const delta = deltaOf(candidate.now, candidate.before, candidate.unit)
      if (delta.status !== 'change') return []
      const amount = amountOf(candidate)
      return [
        { ...candidate, delta, weight: Math.abs(amount), isWorse: isWorse(candidate, amount) },
      ]
    })
    .toSorted((a, b) => b.weight - a.weight)
  return largest === undefined || largest.weight < LEAST_CHANGE ? null : largest
}

/** `p95 latency is 4.82 s, +38 % against the hour before.` */
export function changeSentence(change: Change, period: string): string {
  const { subject, verb } = metricWords(change.metric)
  const value = metricText(change.now.value ?? 0, change.unit)
  return `${subject} ${verb} ${value}, ${signedText(change)} against ${period}.`
}

function signedText({ delta, now, before }: Change): string {
  if (delta.direction === 'flat') return delta.text
  return `${(now.value ?? 0) < (before.value ?? 0) ? '−' : '+'}${delta.text}`
}

function amountOf({ unit, now, before }: Candidate): number {
  if (now.value === null || before.value === null) return 0
  if (unit === 'ratio') return (now.value - before.value) * POINT_WEIGHT
  return before.value === 0 ? 0 : now.value / before.value - 1
}

function isWorse({ rise }: Candidate, amount: number): boolean {
  if (rise === 'neutral') return false
  return rise === 'good' ? amount < 0 : amount > 0
}
