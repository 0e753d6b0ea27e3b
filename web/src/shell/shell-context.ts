import { createContext, useContext } from 'react'

export type ShellActions = { openMenu: () => void; openHelp: () => void; openPalette: () => void }

const nothing = (): void => undefined

export const ShellContext = createContext<ShellActions>({
  openMenu: nothing,
  openHelp: nothing,
  openPalette: nothing,
})

export function useShell(): ShellActions {
  return useContext(ShellContext)
}
