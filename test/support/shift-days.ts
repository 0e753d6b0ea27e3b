const DAY_NS = 86_400_000_000_000n
/** Nanosecond instants from 2020 to 2040; no other 8 bytes of a captured body fall in there. */
const EARLIEST_NS = 1_577_836_800_000_000_000n
const LATEST_NS = 2_208_988_800_000_000_000n
/** Tags of fixed64 start, end and event times. */
const TIME_TAGS = new Set([0x39, 0x41, 0x09])

/** A captured protobuf body moved by whole days to today; fixed64 times keep their length. */
export function shiftToToday(body: Buffer, nowMs: number): Buffer {
  const shifted = Buffer.from(body)
  for (let at = 0; at + 9 <= body.length; at += 1) {
    if (!TIME_TAGS.has(body[at] ?? 0)) continue
    const timeNs = body.readBigUInt64LE(at + 1)
    if (timeNs < EARLIEST_NS || timeNs > LATEST_NS) continue
    const days = (BigInt(Math.round(nowMs)) * 1_000_000n - timeNs) / DAY_NS
    shifted.writeBigUInt64LE(timeNs + days * DAY_NS, at + 1)
    at += 8
  }
  return shifted
}
