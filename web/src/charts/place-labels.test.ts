import { expect, test } from 'vitest'
import { plotOf } from './geometry.ts'
import { labelWidth, placeExemplars, placeMarks, placeReleases } from './place-labels.ts'

const HOUR = 3_600_000
const plot = plotOf({ width: 800, height: 246, left: 44, domain: [0, HOUR], max: 12_000 })
const mark = (label: string, value: number) => ({ label, value, color: 'red' })
const release = (at: number, label: string) => ({ at, label })
const exemplar = (at: number, value: number, kind: 'slowest' | 'random' = 'slowest') => ({
  t: at,
  at,
  value,
  kind,
  traceId: `${at}-${value}-${kind}`,
})

test('names of limits close to each other stand side by side', () => {
  const [one, other, far] = placeMarks(
    [mark('p95 limit 4.00 s', 4_000), mark('p95 warning 3.90 s', 3_900), mark('p99 9 s', 9_000)],
    plot,
  )

  expect(one?.x).toBe(50)
  expect(other?.x).toBeGreaterThan(50 + labelWidth('p95 limit 4.00 s'))
  expect(far?.x).toBe(50)
})

test('the name of a limit at the top of the chart stands below its line', () => {
  const [top] = placeMarks([mark('p99 limit 13 s', 13_100)], plot)

  expect(top?.textY).toBeGreaterThan(top?.lineY ?? Number.NaN)
})

test('eight releases are drawn, the newest, and the rest counted', () => {
  const releases = Array.from({ length: 13 }, (_, index) => release(index * 250_000, `r${index}`))

  const { placed, more } = placeReleases(releases, plot)

  expect(placed.map(({ label }) => label)).toEqual([
    'r12',
    'r11',
    'r10',
    'r9',
    'r8',
    'r7',
    'r6',
    'r5',
  ])
  expect(more).toBe(5)
})

test('names of releases never overlap; one without room leaves its name out', () => {
  const { placed } = placeReleases(
    [release(HOUR / 2, '2026.11.22-3'), release(HOUR / 2 + 60_000, '2026.11.22-4')],
    plot,
  )
  const spans = placed.flatMap(({ label, text }) => {
    if (text === undefined) return []
    const width = labelWidth(label)
    return [text.anchor === 'end' ? [text.x - width, text.x] : [text.x, text.x + width]]
  })

  expect(spans).toHaveLength(2)
  const [[a = 0, b = 0] = [], [c = 0, d = 0] = []] = spans
  expect(b <= c || d <= a).toBe(true)
})

test('a release outside the range is neither drawn nor counted', () => {
  expect(placeReleases([release(-1, 'old'), release(HOUR + 1, 'new')], plot)).toEqual({
    placed: [],
    more: 0,
  })
})

test('exemplars are at least 12 px apart, slowest and random in turn', () => {
  const step = HOUR / 740
  const placed = placeExemplars(
    [
      exemplar(100 * step, 9_000),
      exemplar(101 * step, 8_000),
      exemplar(105 * step, 1_000, 'random'),
      exemplar(130 * step, 2_000, 'random'),
    ],
    plot,
  )

  expect(placed.map(({ value }) => value)).toEqual([9_000, 2_000])
})

test('an exemplar above the axis stands at its top and says so', () => {
  const [one] = placeExemplars([exemplar(HOUR / 2, 60_000)], plot)

  expect(one).toMatchObject({ isOffScale: true, y: 4 })
})

test('slowest and random ones are spread over the whole width', () => {
  const minutes = Array.from({ length: 60 }, (_, index) => index * 60_000)
  const ids = minutes.map((at) => ((at * 7_919) % 1_000_003).toString(16).padStart(32, '0'))

  const placed = placeExemplars(
    minutes.flatMap((at, index) => [
      { ...exemplar(at, 9_000 + ((index * 37) % 60)), traceId: `${at}` },
      { ...exemplar(at, 1_000, 'random'), traceId: ids[index] ?? '' },
    ]),
    plot,
  )

  const middle = (plot.left + plot.right) / 2
  for (const kind of ['slowest', 'random'] as const) {
    const right = placed.filter((one) => one.kind === kind && one.x > middle).length
    const left = placed.filter((one) => one.kind === kind && one.x <= middle).length
    expect(Math.min(left, right), kind).toBeGreaterThan(4)
  }
})
