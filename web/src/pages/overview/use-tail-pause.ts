import { useEffect, useState, type FocusEvent, type PointerEvent, type UIEvent } from 'react'

export type PauseReason = 'hover' | 'selection' | 'scroll' | 'focus' | 'user'

/** Whatever a reader does with the list holds it still; the user's own pause goes before. */
export function useTailPause() {
  const [isHovered, setHovered] = useState(false)
  const [isFocused, setFocused] = useState(false)
  const [isScrolled, setScrolled] = useState(false)
  const [isByUser, setByUser] = useState(false)
  const [list, setList] = useState<HTMLElement | null>(null)
  const isSelecting = useSelectionIn(list)
  const held: Record<PauseReason, boolean> = {
    user: isByUser,
    focus: isFocused,
    selection: isSelecting,
    scroll: isScrolled,
    hover: isHovered,
  }
  const order: readonly PauseReason[] = ['user', 'focus', 'selection', 'scroll', 'hover']
  const reason = order.find((one) => held[one]) ?? null
  return {
    reason,
    isByUser,
    setByUser,
    list,
    handlers: {
      ref: setList,
      onPointerEnter: ({ pointerType }: PointerEvent) => setHovered(pointerType !== 'touch'),
      onPointerLeave: () => setHovered(false),
      onFocus: () => setFocused(true),
      onBlur: ({ currentTarget, relatedTarget }: FocusEvent) =>
        setFocused(relatedTarget instanceof Node && currentTarget.contains(relatedTarget)),
      onScroll: ({ currentTarget }: UIEvent) => setScrolled(currentTarget.scrollTop > 0),
    },
  }
}

function useSelectionIn(element: HTMLElement | null): boolean {
  const [isSelecting, setSelecting] = useState(false)
  useEffect(() => {
    if (element === null) return undefined
    const look = (): void => {
      const selection = getSelection()
      const isInside =
        selection !== null && !selection.isCollapsed && element.contains(selection.anchorNode)
      setSelecting(isInside)
    }
    document.addEventListener('selectionchange', look)
    return () => document.removeEventListener('selectionchange', look)
  }, [element])
  return isSelecting
}

export const PAUSE_TEXTS: Record<PauseReason, string> = {
  user: 'paused',
  focus: 'paused on focus',
  selection: 'paused on selection',
  scroll: 'paused while scrolled',
  hover: 'paused on hover',
}
