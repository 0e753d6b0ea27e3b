/** The server's clock as last seen; only the database's time counts, ours may be wrong. */
let offsetMs = 0

export function rememberServerTime(storedThrough: number): void {
  offsetMs = storedThrough - Date.now()
}

export function serverNow(): number {
  return Date.now() + offsetMs
}
