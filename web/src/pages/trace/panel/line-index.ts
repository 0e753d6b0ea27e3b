/** Where each row of a text begins and ends, and the line it belongs to. */
export type LineIndex = {
  rows: number
  starts: Uint32Array
  ends: Uint32Array
  /** Number of the line that begins with this row; 0 where it goes on. */
  lines: Uint32Array
}

/** Cuts a text into rows of at most `columns` UTF-16 units; one line may be a megabyte. */
export function indexLines(text: string, columns: number): LineIndex {
  const width = Math.max(16, columns)
  const rows = countRows(text, width)
  const index: LineIndex = {
    rows,
    starts: new Uint32Array(rows),
    ends: new Uint32Array(rows),
    lines: new Uint32Array(rows),
  }
  let row = 0
  let line = 0
  eachRow(text, width, (start, end, isFirst) => {
    if (isFirst) line += 1
    index.starts[row] = start
    index.ends[row] = end
    index.lines[row] = isFirst ? line : 0
    row += 1
  })
  return index
}

export function rowText(text: string, { starts, ends }: LineIndex, row: number): string {
  return text.slice(starts[row] ?? 0, ends[row] ?? 0)
}

function countRows(text: string, width: number): number {
  let rows = 0
  eachRow(text, width, () => {
    rows += 1
  })
  return rows
}

type OnRow = (start: number, end: number, isFirst: boolean) => void

function eachRow(text: string, width: number, onRow: OnRow): void {
  let lineStart = 0
  for (;;) {
    const newline = text.indexOf('\n', lineStart)
    const lineEnd = newline < 0 ? text.length : newline
    let start = lineStart
    do {
      const end = rowEnd(text, start, { lineEnd, width })
      onRow(start, end, start === lineStart)
      start = end
    } while (start < lineEnd)
    if (newline < 0) return
    lineStart = newline + 1
  }
}

/** Never between the two halves of a character. */
function rowEnd(
  text: string,
  start: number,
  { lineEnd, width }: { lineEnd: number; width: number },
): number {
  const end = start + width
  if (end >= lineEnd) return lineEnd
  const unit = text.charCodeAt(end)
  return unit >= 0xdc00 && unit <= 0xdfff ? end - 1 : end
}
