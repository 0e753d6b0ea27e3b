import { useState } from 'react'
import { countText } from '../../../lib/format.ts'
import { LineViewer } from './LineViewer.tsx'
import { redactedPieces } from './redactions.ts'

/** Longer texts are cut here and shown whole on demand. */
const FOLD_CHARS = 4_000
/** What is longer is scrolled by itself, row by row. */
const VIEWER_CHARS = 50_000

type PlainTextProps = { text: string; mono?: boolean; label?: string; fold?: number }

/** Text nodes only: whatever a prompt holds, it is never read as HTML. */
export function PlainText({
  text,
  mono = false,
  label = 'The whole text',
  fold = FOLD_CHARS,
}: PlainTextProps) {
  const [isOpen, setOpen] = useState(false)
  const isLong = text.length > fold
  const isInViewer = isOpen && text.length > VIEWER_CHARS
  return (
    <>
      {isInViewer ? (
        <LineViewer text={text} label={label} />
      ) : (
        <div className={mono ? 'text text-mono' : 'text'} dir="auto">
          {pieces(isOpen || !isLong ? text : `${text.slice(0, fold)}…`)}
        </div>
      )}
      {isLong && (
        <button type="button" className="link" onClick={() => setOpen(!isOpen)}>
          {isOpen ? 'Show less' : `Show all ${countText(text.length)} characters`}
        </button>
      )}
    </>
  )
}

function pieces(text: string) {
  return redactedPieces(text).map((piece, index) =>
    piece.isMarker ? (
      <span key={index} className="marker" title="Redacted by the sender">
        {piece.text}
      </span>
    ) : (
      piece.text
    ),
  )
}
