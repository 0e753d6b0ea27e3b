import type { Plot } from './geometry.ts'
import type { Exemplar, Mark, ReleaseMark } from './chart-series.ts'

type Box = { left: number; right: number; top: number; bottom: number }

const LINE_HEIGHT = 14
const GAP = 8
const MAX_RELEASES = 8
const EXEMPLAR_DISTANCE = 12

/** Wide enough for 10.5 px Inter; a label is never measured in the page for it. */
export function labelWidth(text: string): number {
  return Math.ceil(text.length * 5.9)
}

export type PlacedMark = Mark & { x: number; lineY: number; textY: number }

/** Limit names side by side where their lines are close, each on its own line. */
export function placeMarks(marks: readonly Mark[], plot: Plot): PlacedMark[] {
  const taken: Box[] = []
  return marks.map((mark) => {
    const lineY = plot.y(mark.value)
    const width = labelWidth(mark.label)
    const above = lineY - 5
    const textY = above - LINE_HEIGHT < 0 ? lineY + LINE_HEIGHT - 2 : above
    let x = plot.left + 6
    const boxAt = (left: number): Box => ({
      left,
      right: left + width,
      top: textY - LINE_HEIGHT + 4,
      bottom: textY + 4,
    })
    for (const box of taken.toSorted((a, b) => a.left - b.left)) {
      if (overlaps(boxAt(x), box)) x = box.right + GAP
    }
    taken.push(boxAt(x))
    return { ...mark, x, lineY, textY }
  })
}

export type PlacedRelease = ReleaseMark & {
  x: number
  /** Absent where the name would run into a neighbour. */
  text?: { x: number; anchor: 'start' | 'end' }
}

/** The newest eight, named from right to left as long as there is room; the rest are counted. */
export function placeReleases(
  releases: readonly ReleaseMark[],
  plot: Plot,
): { placed: PlacedRelease[]; more: number } {
  const inside = releases
    .map((release) => ({ ...release, x: plot.x(release.at) }))
    .filter(({ x }) => x >= plot.left && x <= plot.right)
    .toSorted((a, b) => b.at - a.at)
  const shown = inside.slice(0, MAX_RELEASES)
  const taken: [number, number][] = shown.map(({ x }) => [x - 6, x + 6])
  const isFree = (from: number, to: number): boolean =>
    from >= plot.left && to <= plot.right + 12 && !taken.some(([a, b]) => from < b && to > a)
  const placed = shown.map((release): PlacedRelease => {
    const width = labelWidth(release.label)
    const { x } = release
    if (isFree(x - 8 - width, x - 8)) {
      taken.push([x - 8 - width, x - 8])
      return { ...release, text: { x: x - 9, anchor: 'end' } }
    }
    if (isFree(x + 8, x + 8 + width)) {
      taken.push([x + 8, x + 8 + width])
      return { ...release, text: { x: x + 9, anchor: 'start' } }
    }
    return release
  })
  return { placed, more: inside.length - shown.length }
}

export type PlacedExemplar = Exemplar & { x: number; y: number; isOffScale: boolean }

/** At most one per 12 px, slowest and random in turn; what lies above the axis stands at its top. */
export function placeExemplars(exemplars: readonly Exemplar[], plot: Plot): PlacedExemplar[] {
  const slowest = exemplars
    .filter(({ kind }) => kind === 'slowest')
    .toSorted((a, b) => b.value - a.value)
  // By id, which is random itself: in order of time they would take the left side only.
  const random = exemplars
    .filter(({ kind }) => kind === 'random')
    .toSorted((a, b) => (a.traceId < b.traceId ? -1 : 1))
  const placed: PlacedExemplar[] = []
  for (let index = 0; index < Math.max(slowest.length, random.length); index += 1) {
    for (const exemplar of [slowest[index], random[index]]) {
      if (exemplar === undefined) continue
      const x = plot.x(exemplar.at)
      if (x < plot.left || x > plot.right) continue
      if (placed.some((other) => Math.abs(other.x - x) < EXEMPLAR_DISTANCE)) continue
      const y = plot.y(exemplar.value)
      placed.push({ ...exemplar, x, y: Math.max(4, y), isOffScale: y < 0 })
    }
  }
  return placed
}

function overlaps(a: Box, b: Box): boolean {
  return a.left < b.right + GAP && a.right > b.left - GAP && a.top < b.bottom && a.bottom > b.top
}
