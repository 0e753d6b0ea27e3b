import { useCallback, useState, type RefCallback } from 'react'

/** Width in whole pixels of the element that gets `ref`; 0 before it is measured. */
export function useWidth(): { ref: RefCallback<Element>; width: number } {
  const [width, setWidth] = useState(0)
  const ref = useCallback((element: Element | null) => {
    if (element === null) return undefined
    setWidth(Math.floor(element.getBoundingClientRect().width))
    return watchWidth(element, setWidth)
  }, [])
  return { ref, width }
}

const onWidths = new WeakMap<Element, (width: number) => void>()
let observer: ResizeObserver | undefined

/** One observer for all charts of the page. */
function watchWidth(element: Element, onWidth: (width: number) => void): () => void {
  observer ??= new ResizeObserver((entries) => {
    for (const { target, contentRect } of entries) {
      onWidths.get(target)?.(Math.floor(contentRect.width))
    }
  })
  onWidths.set(element, onWidth)
  observer.observe(element)
  return () => observer?.unobserve(element)
}
