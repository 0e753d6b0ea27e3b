import { useEffect, useRef, type RefObject } from 'react'

/** Takes the focus once, without moving the page: the part may not be in its place yet. */
export function useFocusOnMount<Part extends HTMLElement>(): RefObject<Part | null> {
  const part = useRef<Part>(null)
  useEffect(() => part.current?.focus({ preventScroll: true }), [])
  return part
}
