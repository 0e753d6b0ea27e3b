import { Fragment } from 'react'

/** Drawn, because the bundled font's subset has no arrow to the right. */
export function ArrowRight() {
  return (
    <svg className="glyph" width="12" height="9" viewBox="0 0 12 9" role="img" aria-label="to">
      <path
        d="M1 4.5h9.500M7.200 1.200l3.300 3.300-3.300 3.300"
        fill="none"
        stroke="currentColor"
        strokeWidth="1.2"
      />
    </svg>
  )
}

export function TriangleMark({ direction }: { direction: 'up' | 'down' }) {
  return (
    <svg className="glyph" width="9" height="8" viewBox="0 0 9 8" role="img" aria-label={direction}>
      <path
        d={direction === 'up' ? 'M4.500 .500L8.500 7.500H.500z' : 'M4.500 7.500L.500 .500h8z'}
        fill="currentColor"
      />
    </svg>
  )
}

/** Text in which each arrow is drawn. */
export function ArrowText({ text }: { text: string }) {
  return text.split('→').map((part, index) => (
    <Fragment key={index}>
      {index > 0 && <ArrowRight />}
      {part}
    </Fragment>
  ))
}
