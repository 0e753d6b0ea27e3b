import type { TimeRange } from '../contract/index.ts'
import type { ReadSql } from '../db/read-within.ts'
import { inProject, startsBetween, type Fragment } from './span-scope.ts'

export type Windowing = {
  projectId: string
  range: TimeRange
  isNewestFirst: boolean
  /** Spans of the first window, and of the largest. */
  first: number
  most: number
}

/**
 * Parts of a range, one after the other, each of twice as many spans as the one before: what is near
 * comes at once, and a range without much in it is soon through.
 */
export async function* windowsOf(read: ReadSql, windowing: Windowing): AsyncGenerator<TimeRange> {
  const { first, most, isNewestFirst } = windowing
  let { from, to } = windowing.range
  for (let spans = first; from < to; spans = Math.min(spans * 2, most)) {
    const border = await readBorder(read, { ...windowing, range: { from, to } }, spans)
    if (border === undefined) {
      yield { from, to }
      return
    }
    yield isNewestFirst ? { from: border, to } : { from, to: border }
    if (isNewestFirst) to = border
    else from = border
  }
}

/** The instant that parts the next `spans` of the range from the rest of it. */
async function readBorder(
  read: ReadSql,
  { projectId, range, isNewestFirst }: Windowing,
  spans: number,
): Promise<number | undefined> {
  const order: Fragment = isNewestFirst ? read`s.started_at desc` : read`s.started_at`
  const [row] = await read<{ startedAt: number }[]>`
    select s.started_at from spans s
    where ${inProject(read, projectId)} and ${startsBetween(read, range)}
    order by ${order}
    offset ${spans} limit 1`
  if (row === undefined) return undefined
  // Thousands of spans in one microsecond: a window must not stay empty.
  return isNewestFirst
    ? Math.min(row.startedAt, range.to - 0.001)
    : Math.max(row.startedAt, range.from + 0.001)
}
