/**
 * The alert state machine, once for live evaluation, replay and preview. Four phases move on four
 * verdicts; unknown stops the clocks and never resolves. Time is the tick, never a process clock.
 */
import type { EpochMs, RuleGroupState, RuleInput } from '../contract/index.ts'

export type Level = 'critical' | 'warn'
export type UnknownCause = 'nodata' | 'insufficient' | 'down' | 'error'
export type Verdict =
  | { type: 'breach'; level: Level }
  | { type: 'between' }
  | { type: 'clear' }
  | { type: 'unknown'; cause: UnknownCause }

/** Time since `since` that counts: unknown and missed ticks are taken off. */
export type TickClock = { since: EpochMs; pausedMs: number }

export type GroupState = {
  phase: RuleGroupState['state']
  health: RuleGroupState['health']
  /** Since when the phase lasts; null while ok. */
  clock: TickClock | null
  /** What was last told; null unless firing or recovering. */
  level: Level | null
  /** Runs while the breach is milder than what was told. */
  lowerClock: TickClock | null
  flaps: number
  unknownSince: EpochMs | null
  errorsInRow: number
  lastTick: EpochMs | null
}

export type StepRule = Pick<RuleInput, 'forMs' | 'keepFiringMs' | 'onNoData' | 'onError'> & {
  stepMs: number
  windowMs: number
  /** The level a breach by missing data or by errors has. */
  topLevel: Level
}

export type StepEvent =
  | { type: 'fire'; level: Level }
  | { type: 'raise'; level: Level }
  | { type: 'lower'; level: Level }
  | { type: 'recovering' }
  | { type: 'refired' }
  | { type: 'resolve' }

export type StepInput = { state: GroupState; verdict: Verdict; tick: EpochMs }
export type StepResult = { state: GroupState; events: StepEvent[] }

const MIN_NO_DATA_MS = 300_000
const MAX_ERRORS = 5

export function initialState(): GroupState {
  return {
    phase: 'ok',
    health: 'fresh',
    clock: null,
    level: null,
    lowerClock: null,
    flaps: 0,
    unknownSince: null,
    errorsInRow: 0,
    lastTick: null,
  }
}

/** One tick of one group. A tick not later than the last one changes nothing. */
export function step(input: StepInput, rule: StepRule): StepResult {
  const { verdict, tick } = input
  const { lastTick } = input.state
  if (lastTick !== null && tick <= lastTick) return { state: input.state, events: [] }

  const elapsedMs = lastTick === null ? 0 : tick - lastTick
  const seen = { ...observe(input.state, verdict, tick), lastTick: tick }
  seen.health = healthOf(seen, verdict, rule)
  const effective = effectiveVerdict(seen, verdict, rule)
  if (effective.type === 'unknown') return { state: pause(seen, elapsedMs), events: [] }
  // Ticks nobody evaluated are as unknown as those without data.
  const missedMs = Math.max(0, elapsedMs - rule.stepMs)
  return move({ state: pause(seen, missedMs), verdict: effective, tick }, rule)
}

type KnownVerdict = Exclude<Verdict, { type: 'unknown' }>
type Move = { state: GroupState; verdict: KnownVerdict; tick: EpochMs }

function move(input: Move, rule: StepRule): StepResult {
  switch (input.state.phase) {
    case 'ok':
      return fromOk(input, rule)
    case 'pending':
      return fromPending(input, rule)
    case 'firing':
      return fromFiring(input, rule)
    case 'recovering':
      return fromRecovering(input, rule)
  }
}

function fromOk({ state, verdict, tick }: Move, rule: StepRule): StepResult {
  if (verdict.type !== 'breach') return { state, events: [] }
  if (rule.forMs === 0) return fire(state, verdict.level, tick)
  return { state: { ...state, phase: 'pending', clock: startClock(tick) }, events: [] }
}

function fromPending({ state, verdict, tick }: Move, rule: StepRule): StepResult {
  if (verdict.type !== 'breach') return { state: toOk(state), events: [] }
  if (elapsed(state.clock, tick) >= rule.forMs) return fire(state, verdict.level, tick)
  return { state, events: [] }
}

function fromFiring({ state, verdict, tick }: Move, rule: StepRule): StepResult {
  switch (verdict.type) {
    case 'breach':
      return applyLevel({ state, verdict, tick }, verdict.level, rule)
    case 'between':
      return { state, events: [] }
    case 'clear':
      if (rule.keepFiringMs === 0) return { state: toOk(state), events: [{ type: 'resolve' }] }
      return {
        state: { ...state, phase: 'recovering', clock: startClock(tick), lowerClock: null },
        events: [{ type: 'recovering' }],
      }
  }
}

function fromRecovering({ state, verdict, tick }: Move, rule: StepRule): StepResult {
  switch (verdict.type) {
    case 'breach': {
      const again: GroupState = {
        ...state,
        phase: 'firing',
        clock: startClock(tick),
        flaps: state.flaps + 1,
      }
      const leveled = applyLevel({ state: again, verdict, tick }, verdict.level, rule)
      return { state: leveled.state, events: [{ type: 'refired' }, ...leveled.events] }
    }
    case 'between':
      return { state: { ...state, clock: startClock(tick) }, events: [] }
    case 'clear':
      if (elapsed(state.clock, tick) < rule.keepFiringMs) return { state, events: [] }
      return { state: toOk(state), events: [{ type: 'resolve' }] }
  }
}

/** A rise is told now; a fall only once it has lasted keepFiring. */
function applyLevel({ state, tick }: Move, level: Level, rule: StepRule): StepResult {
  if (level === state.level) return { state: { ...state, lowerClock: null }, events: [] }
  if (level === 'critical') {
    return { state: { ...state, level, lowerClock: null }, events: [{ type: 'raise', level }] }
  }
  const lowerClock = state.lowerClock ?? startClock(tick)
  if (elapsed(lowerClock, tick) < rule.keepFiringMs) {
    return { state: { ...state, lowerClock }, events: [] }
  }
  return { state: { ...state, level, lowerClock: null }, events: [{ type: 'lower', level }] }
}

function fire(state: GroupState, level: Level, tick: EpochMs): StepResult {
  return {
    state: { ...state, phase: 'firing', level, clock: startClock(tick), flaps: 0 },
    events: [{ type: 'fire', level }],
  }
}

function toOk(state: GroupState): GroupState {
  return { ...state, phase: 'ok', clock: null, level: null, lowerClock: null }
}

function observe(state: GroupState, verdict: Verdict, tick: EpochMs): GroupState {
  if (verdict.type !== 'unknown') return { ...state, unknownSince: null, errorsInRow: 0 }
  return {
    ...state,
    unknownSince: state.unknownSince ?? tick,
    errorsInRow: verdict.cause === 'error' ? state.errorsInRow + 1 : 0,
  }
}

function healthOf(state: GroupState, verdict: Verdict, rule: StepRule): GroupState['health'] {
  if (verdict.type !== 'unknown') return 'fresh'
  if (verdict.cause === 'error') return 'error'
  const unknownMs = (state.lastTick ?? 0) - (state.unknownSince ?? 0)
  return unknownMs >= Math.max(2 * rule.windowMs, MIN_NO_DATA_MS) ? 'nodata' : 'insufficient'
}

/** The rule's own word on what missing data and errors mean. */
function effectiveVerdict(state: GroupState, verdict: Verdict, rule: StepRule): Verdict {
  if (verdict.type !== 'unknown') return verdict
  const breach: Verdict = { type: 'breach', level: rule.topLevel }
  if (verdict.cause === 'error') {
    return rule.onError === 'alert' && state.errorsInRow >= MAX_ERRORS ? breach : verdict
  }
  switch (rule.onNoData) {
    case 'hold':
      return verdict
    case 'ok':
      return { type: 'clear' }
    case 'alert':
      return state.health === 'nodata' ? breach : verdict
  }
}

function pause(state: GroupState, ms: number): GroupState {
  if (ms === 0) return state
  return { ...state, clock: paused(state.clock, ms), lowerClock: paused(state.lowerClock, ms) }
}

function paused(clock: TickClock | null, ms: number): TickClock | null {
  return clock === null ? null : { ...clock, pausedMs: clock.pausedMs + ms }
}

function startClock(tick: EpochMs): TickClock {
  return { since: tick, pausedMs: 0 }
}

function elapsed(clock: TickClock | null, tick: EpochMs): number {
  return clock === null ? 0 : tick - clock.since - clock.pausedMs
}
