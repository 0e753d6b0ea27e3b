import { expect, test } from 'vitest'
import { zoneOf } from '../lib/zone.ts'
import { chartCsv, csvCell, csvText } from './csv.ts'

const MIN = 60_000
const T = Date.parse('2026-11-22T13:41:00Z')

test('a chart as CSV says zone and unit in its header and what each bucket is', () => {
  const text = chartCsv({
    rows: [
      { t: T, n: 2_184, isGap: false, values: { p95: 4_910.5 } },
      { t: T + MIN, n: 0, isGap: true, values: { p95: null } },
      { t: T + 2 * MIN, n: 7, isGap: false, values: { p95: 3_000 } },
    ],
    series: [{ key: 'p95', label: 'p95', color: '' }],
    completeTo: T + 2 * MIN,
    unit: 'ms',
    zone: zoneOf('Europe/Berlin'),
    withN: true,
  })

  expect(text.split('\r\n')).toEqual([
    'time (Europe/Berlin),p95 (ms),n,state',
    '2026-11-22T14:41:00+01:00,4910.5,2184,complete',
    '2026-11-22T14:42:00+01:00,,,no data',
    '2026-11-22T14:43:00+01:00,3000,7,partial',
    '',
  ])
})

test.each([
  ['=1+1', "'=1+1"],
  ['+SUM(A1)', "'+SUM(A1)"],
  ['-2+3', "'-2+3"],
  ['@cmd', "'@cmd"],
  ['\tx', "'\tx"],
  ['-0.5', '-0.5'],
  ['+1e-9', '+1e-9'],
  ['gpt-5-mini', 'gpt-5-mini'],
])('the cell %j is written %j, so that no spreadsheet runs it', (text, cell) => {
  expect(csvCell(text)).toBe(cell)
})

test('commas, quotes and line ends are quoted as RFC 4180 has it', () => {
  expect(csvText([['a,b', 'say "x"', 'two\nlines', '=a,b']])).toBe(
    `"a,b","say ""x""","two\nlines","'=a,b"\r\n`,
  )
})
