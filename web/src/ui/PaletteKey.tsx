import { IconCommand } from '@tabler/icons-react'

export const IS_MAC = /Mac|iPhone|iPad/.test(navigator.platform)

/** The palette's key as this machine names it; drawn, because the bundled font has no such sign. */
export function PaletteKey() {
  if (!IS_MAC) return <kbd className="kbd">Ctrl K</kbd>
  return (
    <kbd className="kbd palette-key">
      <IconCommand size={10} aria-hidden="true" />K
    </kbd>
  )
}
