import { useState } from 'react'
import { countText, formatFixed } from '../../../lib/format.ts'
import type { Passage } from './passages.ts'
import { PlainText } from './PlainText.tsx'

const FEW = 5

/** Found passages as numbered rows; a row with a text opens it. */
export function Passages({
  passages,
  onJson,
}: {
  passages: readonly Passage[]
  onJson: () => void
}) {
  const [isLong, setLong] = useState(false)
  const shown = isLong ? passages : passages.slice(0, FEW)
  const most = Math.max(1, ...passages.map(({ score }) => score ?? 0))
  return (
    <div className="passages">
      <ol>
        {shown.map((passage, index) => (
          <PassageRow key={index} number={index + 1} passage={passage} most={most} />
        ))}
      </ol>
      <div className="passages-more">
        {passages.length > FEW && (
          <button type="button" className="link" onClick={() => setLong(!isLong)}>
            {isLong ? 'Show fewer' : `Show ${countText(passages.length - FEW)} more`}
          </button>
        )}
        <button type="button" className="link" onClick={onJson}>
          As JSON
        </button>
      </div>
    </div>
  )
}

type PassageRowProps = { number: number; passage: Passage; most: number }

function PassageRow({ number, passage, most }: PassageRowProps) {
  const [isOpen, setOpen] = useState(false)
  const { title, text, score } = passage
  const share = score === null ? 0 : Math.max(0, Math.min(1, score / most))
  const isWeak = share < 0.5
  const row = (
    <>
      <span className="passage-number num">{number}</span>
      <span className={isWeak && score !== null ? 'passage-title t3' : 'passage-title'}>
        {title}
      </span>
      {score !== null && (
        <>
          <i className="passage-bar" aria-hidden="true">
            <i
              style={{
                width: `${share * 100}%`,
                background: isWeak ? 'var(--ctl)' : 'var(--s2)',
              }}
            />
          </i>
          <span className="passage-score num">{formatFixed(score, 2)}</span>
        </>
      )}
    </>
  )
  return (
    <li>
      {text === null || text === title ? (
        <div className="passage">{row}</div>
      ) : (
        <button
          type="button"
          className="passage"
          aria-expanded={isOpen}
          onClick={() => setOpen(!isOpen)}
        >
          {row}
        </button>
      )}
      {isOpen && text !== null && (
        <div className="passage-text">
          <PlainText text={text} />
        </div>
      )}
    </li>
  )
}
