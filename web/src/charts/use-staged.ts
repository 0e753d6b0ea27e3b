import { useCallback, useEffect, useRef, useState, type RefCallback } from 'react'
import { drawNow, redraws, type Redraw } from './redraws.ts'

/**
 * The newest `value` for which this chart has had its turn: charts redraw one after the other, and
 * only those in view. Null before the first turn, which comes wherever the chart is.
 */
export function useStaged<T>(value: T): { staged: T | null; viewRef: RefCallback<Element> } {
  const [staged, setStaged] = useState<T | null>(null)
  const latest = useRef(value)
  const [redraw] = useState<Redraw>(() => ({
    draw: () => drawNow(() => setStaged(() => latest.current)),
    isInView: true,
    isDrawn: false,
  }))
  useEffect(() => {
    latest.current = value
    redraws.add(redraw)
  }, [value, redraw])
  useEffect(() => () => redraws.drop(redraw), [redraw])
  const viewRef = useCallback(
    (element: Element | null) => {
      if (element === null) return undefined
      return watchView(element, (isInView) => redraws.setInView(redraw, isInView))
    },
    [redraw],
  )
  return { staged, viewRef }
}

type OnView = (isInView: boolean) => void

const onViews = new WeakMap<Element, OnView>()
let observer: IntersectionObserver | undefined

/** One observer for all charts of the page; a little beyond the edge counts as in view. */
function watchView(element: Element, onView: OnView): () => void {
  observer ??= new IntersectionObserver(
    (entries) => {
      for (const { target, isIntersecting } of entries) onViews.get(target)?.(isIntersecting)
    },
    { rootMargin: '120px' },
  )
  onViews.set(element, onView)
  observer.observe(element)
  return () => observer?.unobserve(element)
}
