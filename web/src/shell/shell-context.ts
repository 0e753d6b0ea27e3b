import { createContext, useContext } from 'react'

export type ShellActions = { openMenu: () => void; openHelp: () => void }

export const ShellContext = createContext<ShellActions>({
  openMenu: () => undefined,
  openHelp: () => undefined,
})

export function useShell(): ShellActions {
  return useContext(ShellContext)
}
