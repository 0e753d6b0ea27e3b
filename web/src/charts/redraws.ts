import { flushSync } from 'react-dom'

/** One chart's place in the queue of redraws. */
export type Redraw = { draw: () => void; isInView: boolean; isDrawn: boolean }

type Frames = { request: (run: () => void) => void; now: () => number }

/**
 * A dense chart takes longer than this and so has its frame to itself; what is cheap (an unfinished
 * bucket, a sparkline) shares one, since each frame costs a layout and a paint of its own.
 */
const FRAME_BUDGET_MS = 5

export type RedrawQueue = {
  /** Draws once, however often it is asked before its turn comes. */
  add: (redraw: Redraw) => void
  drop: (redraw: Redraw) => void
  /** Once drawn, charts out of view keep their place until they come into view. */
  setInView: (redraw: Redraw, isInView: boolean) => void
}

export function createRedrawQueue(frames: Frames): RedrawQueue {
  const waiting = new Set<Redraw>()
  let isScheduled = false

  const schedule = (): void => {
    if (isScheduled || nextOf(waiting) === undefined) return
    isScheduled = true
    frames.request(onFrame)
  }
  const onFrame = (): void => {
    isScheduled = false
    const until = frames.now() + FRAME_BUDGET_MS
    do {
      const redraw = nextOf(waiting)
      if (redraw === undefined) return
      waiting.delete(redraw)
      redraw.isDrawn = true
      redraw.draw()
    } while (frames.now() < until)
    schedule()
  }
  return {
    add: (redraw) => {
      waiting.add(redraw)
      schedule()
    },
    drop: (redraw) => void waiting.delete(redraw),
    setInView: (redraw, isInView) => {
      redraw.isInView = isInView
      schedule()
    },
  }
}

function nextOf(waiting: ReadonlySet<Redraw>): Redraw | undefined {
  for (const redraw of waiting) if (redraw.isInView || !redraw.isDrawn) return redraw
  return undefined
}

/** No frame comes while the page is hidden, so nothing is drawn then. */
export const redraws = createRedrawQueue({
  request: (run) => void requestAnimationFrame(run),
  now: () => performance.now(),
})

/** Within the frame: left to React, the charts of several frames could meet in one task. */
export function drawNow(change: () => void): void {
  flushSync(change)
}
