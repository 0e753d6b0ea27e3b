import { useState } from 'react'

export type RoleFolds = { isFolded: (role: string) => boolean; onFold: (role: string) => void }

/** Roles that are folded, for as long as the panel is open: they stay so from span to span. */
export function useRoleFolds(): RoleFolds {
  const [folded, setFolded] = useState<ReadonlySet<string>>(new Set())
  return {
    isFolded: (role) => folded.has(role),
    onFold: (role) =>
      setFolded((before) => {
        const next = new Set(before)
        if (!next.delete(role)) next.add(role)
        return next
      }),
  }
}
