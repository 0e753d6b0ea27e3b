import { describe, expect, test } from 'vitest'
import { parseOptions, UsageError } from './parse-options.ts'

describe('the command line of the demo', () => {
  test('without options it sends 60 s of steady live traffic, 20 requests a minute', () => {
    expect(parseOptions([])).toMatchObject({
      endpoint: 'http://127.0.0.1:4318/',
      requestsPerMinute: 20,
      scenario: 'steady',
      backfillMs: 0,
      liveMs: 60_000,
      hasIncidents: false,
      clockOffsetMs: 0,
    })
  })

  test('with a backfill alone it sends history only', () => {
    expect(parseOptions(['--backfill', '14d'])).toMatchObject({
      backfillMs: 14 * 86_400_000,
      liveMs: 0,
    })
  })

  test('with incidents it runs until it is told to stop', () => {
    expect(parseOptions(['--backfill', '24h', '--incidents']).liveMs).toBe(Infinity)
  })

  test('the event of a scenario begins 30 minutes before the end, or as asked', () => {
    const base = ['--scenario', 'prompt-drift', '--backfill', '24h']

    expect(parseOptions(base).eventBeforeEndMs).toBe(1_800_000)
    expect(parseOptions([...base, '--event-at', '45m']).eventBeforeEndMs).toBe(2_700_000)
    expect(parseOptions(['--duration', '60s']).eventBeforeEndMs).toBe(40_000)
  })

  test.for([
    ['-2h', -7_200_000],
    ['90000', 90_000],
    ['1.5s', 1_500],
  ] as const)('the clock can be shifted by %s', ([text, ms]) => {
    expect(parseOptions(['--clock-offset', text]).clockOffsetMs).toBe(ms)
  })

  test.for([
    [['--rate', '0'], '--rate "0"'],
    [['--seed', 'x'], '--seed "x"'],
    [['--scenario', 'storm'], '--scenario "storm"'],
    [['--backfill', '24hours'], '--backfill "24hours"'],
    [['--duration', '-5s'], 'duration'],
    [['--endpoint', 'localhost'], '--endpoint "localhost"'],
    [['--nonsense'], '--nonsense'],
  ] as const)('%j is refused with the value and the usage', ([argv, part]) => {
    const parse = () => parseOptions(argv)

    expect(parse).toThrow(UsageError)
    expect(parse).toThrow(part)
    expect(parse).toThrow('usage: npm run demo')
  })
})
