export type TextPiece = { text: string; isMarker: boolean }

/** `[EMAIL]`, `[ORDER_ID]`, `[redacted 120 chars]`: what the sender put in place of a text. */
const MARKER = /\[(?:[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)*|redacted(?: \d+ chars)?)\]/g
/** Words that stand in brackets in logs and lists, not in place of something. */
const NO_MARKERS = /^\[(?:INFO|WARN|WARNING|ERROR|DEBUG|TRACE|FATAL|OK|TODO|NOTE|[A-Z0-9])\]$/
const MAX_MARKERS = 200

/** The text cut at its redaction markers; together the pieces are the text. */
export function redactedPieces(text: string): TextPiece[] {
  const pieces: TextPiece[] = []
  let from = 0
  let markers = 0
  for (const match of text.matchAll(MARKER)) {
    const [marker] = match
    if (NO_MARKERS.test(marker)) continue
    if (match.index > from) pieces.push({ text: text.slice(from, match.index), isMarker: false })
    pieces.push({ text: marker, isMarker: true })
    from = match.index + marker.length
    markers += 1
    if (markers >= MAX_MARKERS) break
  }
  if (from < text.length) pieces.push({ text: text.slice(from), isMarker: false })
  return pieces
}
