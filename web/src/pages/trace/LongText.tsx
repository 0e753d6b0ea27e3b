import { useState } from 'react'
import { countText } from '../../lib/format.ts'
import { FOLD_CHARS, MAX_CHARS } from './json-text.ts'

/** Always one text node: whatever a prompt holds, it is never read as HTML. */
export function LongText({ text, mono = false }: { text: string; mono?: boolean }) {
  const [isOpen, setOpen] = useState(false)
  const isLong = text.length > FOLD_CHARS
  const shown = text.slice(0, isOpen ? MAX_CHARS : FOLD_CHARS)
  return (
    <>
      <div className={mono ? 'text text-mono' : 'text'} dir="auto">
        {shown}
        {shown.length < text.length && '…'}
      </div>
      {isLong && (
        <button type="button" className="link" onClick={() => setOpen(!isOpen)}>
          {isOpen ? 'Show less' : `Show all ${countText(text.length)} characters`}
        </button>
      )}
    </>
  )
}
