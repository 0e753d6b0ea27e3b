import { setIdleInterval } from './timers.ts'

/** A call whose span has not ended yet. */
export type OpenCall = {
  /** Ends the span if nobody has begun to read an answer that came before `deadlineMs`. */
  endIfUnread(deadlineMs: number): void
  /** Ends the span as it stands; the process or the SDK goes away. */
  endNow(): void
}

const UNREAD_AFTER_MS = 60_000
const SWEEP_EVERY_MS = 10_000
const MAX_OPEN = 50_000

const openCalls = new Set<OpenCall>()
let stopSweeping: (() => void) | undefined

/** Remembers a call until `forgetOpenCall`, so that an answer nobody reads still ends its span. */
export function rememberOpenCall(call: OpenCall): void {
  openCalls.add(call)
  if (openCalls.size > MAX_OPEN) endOldest()
  stopSweeping ??= setIdleInterval(sweep, SWEEP_EVERY_MS)
}

/** Calls that begin and never end must not fill the memory. */
function endOldest(): void {
  for (const oldest of openCalls) {
    oldest.endNow()
    openCalls.delete(oldest)
    return
  }
}

export function forgetOpenCall(call: OpenCall): void {
  openCalls.delete(call)
}

export function findOpenCall(matches: (call: OpenCall) => boolean): OpenCall | undefined {
  for (const call of openCalls) if (matches(call)) return call
  return undefined
}

/** Ends the spans of all calls still open. */
export function endOpenCalls(): void {
  for (const call of openCalls) call.endNow()
  stopSweeper()
}

/** Ends the spans of answers that nobody has read for a minute. */
export function sweepOpenCalls(nowMs: number): void {
  for (const call of openCalls) call.endIfUnread(nowMs - UNREAD_AFTER_MS)
}

function sweep(): void {
  sweepOpenCalls(performance.now())
  if (openCalls.size === 0) stopSweeper()
}

function stopSweeper(): void {
  stopSweeping?.()
  stopSweeping = undefined
}
