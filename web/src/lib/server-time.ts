/** The server's clock as last seen; only the database's time counts, ours may be wrong. */
const SAMPLES = 30
/** A step larger than this is a clock that was set, not a late frame. */
const STEP_MS = 10_000

let offsets: number[] = []

export function rememberServerTime(storedThrough: number): void {
  const offset = storedThrough - Date.now()
  const isStep = Math.abs(offset - offsetMs()) > STEP_MS
  offsets = isStep ? [offset] : [...offsets, offset].slice(-SAMPLES)
}

export function serverNow(): number {
  return Date.now() + offsetMs()
}

/** The frame that travelled fastest tells the true difference best. */
function offsetMs(): number {
  return offsets.length === 0 ? 0 : Math.max(...offsets)
}
