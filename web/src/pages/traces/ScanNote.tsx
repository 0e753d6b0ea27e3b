import { spanText } from '../../lib/format.ts'

type ScanNoteProps = {
  /** The part of the range that was searched so far, newest first. */
  scanned: { from: number; to: number }
  rangeMs: number
  isFetching: boolean
  canContinue: boolean
  onContinue: () => void
}

/** A search through texts shows what it has found so far, and how far that is. */
export function ScanNote({ scanned, rangeMs, isFetching, canContinue, onContinue }: ScanNoteProps) {
  const done = spanText(Math.max(0, scanned.to - scanned.from))
  return (
    <span className="scan-note" role="status" data-testid="scan-note">
      scanned {done} of {spanText(rangeMs)}
      {canContinue && (
        <button type="button" className="btn small" disabled={isFetching} onClick={onContinue}>
          {isFetching ? 'Scanning' : 'Continue'}
        </button>
      )}
    </span>
  )
}
