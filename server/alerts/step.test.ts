import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { initialState, step, type GroupState, type StepRule, type Verdict } from './step.ts'

const MINUTE = 60_000
const RULE: StepRule = {
  stepMs: MINUTE,
  windowMs: MINUTE,
  forMs: 2 * MINUTE,
  keepFiringMs: 2 * MINUTE,
  onNoData: 'hold',
  onError: 'hold',
  topLevel: 'critical',
}
const VERDICTS: Record<string, Verdict> = {
  B: { type: 'breach', level: 'critical' },
  W: { type: 'breach', level: 'warn' },
  H: { type: 'between' },
  C: { type: 'clear' },
  U: { type: 'unknown', cause: 'nodata' },
  E: { type: 'unknown', cause: 'error' },
}
const LETTERS = { ok: 'OK', pending: 'P', firing: 'F', recovering: 'R' }

/** Runs one verdict per minute; `.` is a minute in which nothing was evaluated. */
function run(verdicts: string, overrides: Partial<StepRule> = {}) {
  const rule = { ...RULE, ...overrides }
  let state = initialState()
  const states: string[] = []
  const notices: string[] = []
  const healths: string[] = []
  for (const [index, letter] of verdicts.split('').entries()) {
    const verdict = VERDICTS[letter]
    if (verdict === undefined) continue
    const result = step({ state, verdict, tick: (index + 1) * MINUTE }, rule)
    state = result.state
    states.push(`${LETTERS[state.phase]}${state.level === 'warn' ? 'w' : ''}`)
    healths.push(state.health)
    for (const event of result.events) {
      if (event.type !== 'recovering' && event.type !== 'refired') {
        notices.push(`${event.type} at ${index + 1}`)
      }
    }
  }
  return { states: states.join(' '), notices: notices.join(', '), state, healths }
}

describe('golden vectors', () => {
  test.each([
    ['BBBCCC', 'P P F R R OK', 'fire at 3, resolve at 6'],
    ['BCBBB', 'P OK P P F', 'fire at 5'],
    ['BUUBB', 'P P P P F', 'fire at 5'],
    ['BBBUUU', 'P P F F F F', 'fire at 3'],
    ['BBBCBCCC', 'P P F R F R R OK', 'fire at 3, resolve at 8'],
    ['BBBHHCCC', 'P P F F F R R OK', 'fire at 3, resolve at 8'],
    ['BBBWWWCCC', 'P P F F F Fw Rw Rw OK', 'fire at 3, lower at 6, resolve at 9'],
  ])('%s gives %s and %s', (verdicts, states, notices) => {
    const result = run(verdicts)

    expect(result.states).toBe(states)
    expect(result.notices).toBe(notices)
  })

  test('for = 0 and keepFiring = 0: B C fires and resolves at once', () => {
    const result = run('BC', { forMs: 0, keepFiringMs: 0 })

    expect(result.states).toBe('F OK')
    expect(result.notices).toBe('fire at 1, resolve at 2')
  })

  test('a breach while recovering counts one flap and sends no notice', () => {
    expect(run('BBBCB').state.flaps).toBe(1)
    expect(run('BBBCB').notices).toBe('fire at 3')
  })

  test('nine breaches whose ticks 2-8 were missed and replayed fire once, at tick 3', () => {
    expect(run('BBBBBBBBB').notices).toBe('fire at 3')
  })
})

describe('health', () => {
  test('unknown is insufficient at first and nodata after five minutes, without a resolve', () => {
    const result = run('BBBUUUUUU')

    expect(result.healths.slice(3)).toEqual([...Array<string>(5).fill('insufficient'), 'nodata'])
    expect(result.state.phase).toBe('firing')
  })

  test('nodata waits for two windows where that is longer than five minutes', () => {
    const healths = run('UUUUUUUUU', { windowMs: 4 * MINUTE }).healths

    expect(healths.indexOf('nodata')).toBe(8)
  })

  test('a failed query is health error, and one known value makes it fresh again', () => {
    expect(run('EC').healths).toEqual(['error', 'fresh'])
  })
})

describe('policies', () => {
  test('onNoData alert counts unknown as a breach once the data is gone for five minutes', () => {
    const result = run('CUUUUUUUU', { onNoData: 'alert' })

    expect(result.notices).toBe('fire at 9')
  })

  test('onNoData ok counts unknown as clear', () => {
    expect(run('BBBUUU', { onNoData: 'ok' }).notices).toBe('fire at 3, resolve at 6')
  })

  test('onNoData ok does not resolve on errors', () => {
    expect(run('BBBEEE', { onNoData: 'ok' }).notices).toBe('fire at 3')
  })

  test('onError alert counts the fifth error in a row as a breach', () => {
    expect(run('EEEEEE', { onError: 'alert', forMs: 0 }).notices).toBe('fire at 5')
    expect(run('EEEECEEEE', { onError: 'alert', forMs: 0 }).notices).toBe('')
  })
})

describe('severity', () => {
  test('a rise is told at once', () => {
    expect(run('WWWB').notices).toBe('fire at 3, raise at 4')
  })

  test('a fall is told after keepFiring and taken back when the breach is critical again', () => {
    expect(run('BBBWWBWW').notices).toBe('fire at 3')
    expect(run('BBBWWBWWW').notices).toBe('fire at 3, lower at 9')
  })

  test('unknown pauses the fall', () => {
    expect(run('BBBWUUWW').notices).toBe('fire at 3, lower at 8')
  })

  test('a critical breach while recovering from a warning raises', () => {
    expect(run('WWWCB').notices).toBe('fire at 3, raise at 5')
  })
})

describe('gaps and repeats', () => {
  test('a gap does not advance pending', () => {
    expect(run('B.....BB').states).toBe('P P F')
  })

  test('a gap does not advance recovering', () => {
    expect(run('BBBC.....CC').notices).toBe('fire at 3, resolve at 11')
  })

  test('a tick that was stepped already changes nothing', () => {
    const { state } = run('BB')

    const again = step({ state, verdict: { type: 'clear' }, tick: 2 * MINUTE }, RULE)

    expect(again).toEqual({ state, events: [] })
  })

  test('H while recovering starts the clock again', () => {
    expect(run('BBBCHCCC').notices).toBe('fire at 3, resolve at 7')
    expect(run('BBBCCH').states).toBe('P P F R R R')
  })
})

/**
 * The oracle counts known minutes since a phase began instead of keeping paused time: another way to
 * the same law. It sees each minute once, in order, missed ones as unknown.
 */
function oracle(letters: readonly string[], forTicks: number, keepTicks: number) {
  let phase: GroupState['phase'] = 'ok'
  let known = 0
  let flaps = 0
  const notices: string[] = []
  const fire = (at: number) => {
    phase = 'firing'
    flaps = 0
    notices.push(`fire ${at}`)
  }
  const resolve = (at: number) => {
    phase = 'ok'
    notices.push(`resolve ${at}`)
  }
  const back = () => {
    phase = 'firing'
    flaps += 1
  }
  const begin = (next: GroupState['phase']) => {
    phase = next
    known = 0
  }
  const moves: Record<string, (at: number) => void> = {
    'pending B': (at) => known >= forTicks && fire(at),
    'pending H': () => begin('ok'),
    'pending C': () => begin('ok'),
    'firing C': (at) => (keepTicks === 0 ? resolve(at) : begin('recovering')),
    'recovering B': back,
    'recovering H': () => begin('recovering'),
    'recovering C': (at) => known >= keepTicks && resolve(at),
  }
  for (const [at, letter] of letters.entries()) {
    if (letter === 'U') continue
    known += 1
    if (phase === 'ok' && letter === 'B') begin('pending')
    moves[`${phase} ${letter}`]?.(at)
  }
  return { phase, flaps, notices }
}

test('any history with repeats, gaps and restarts ends as the oracle says', () => {
  const tick = fc.record({
    letter: fc.constantFrom('B', 'B', 'C', 'C', 'H', 'U', '.'),
    repeats: fc.nat({ max: 2 }),
    restart: fc.boolean(),
  })
  fc.assert(
    fc.property(
      fc.array(tick, { maxLength: 60 }),
      fc.nat({ max: 4 }),
      fc.nat({ max: 4 }),
      (ticks, forTicks, keepTicks) => {
        const rule = { ...RULE, forMs: forTicks * MINUTE, keepFiringMs: keepTicks * MINUTE }
        let state = initialState()
        const notices: string[] = []
        for (const [at, { letter, repeats, restart }] of ticks.entries()) {
          const verdict = VERDICTS[letter]
          if (verdict === undefined) continue
          for (let turn = 0; turn <= repeats; turn += 1) {
            const result = step({ state, verdict, tick: at * MINUTE }, rule)
            state = result.state
            for (const event of result.events) {
              if (event.type === 'fire' || event.type === 'resolve') {
                notices.push(`${event.type} ${at}`)
              }
            }
          }
          if (restart) state = JSON.parse(JSON.stringify(state)) as GroupState
        }
        const expected = oracle(
          ticks.map(({ letter }) => (letter === '.' ? 'U' : letter)),
          forTicks,
          keepTicks,
        )
        expect({ phase: state.phase, flaps: state.flaps, notices }).toEqual(expected)
      },
    ),
    { numRuns: 2_000 },
  )
})
