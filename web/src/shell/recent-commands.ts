const STORED = 'sightline.recent'
const MAX_KEPT = 6

/** Ids of the commands taken last, newest first. */
export function recentCommands(): string[] {
  try {
    const ids: unknown = JSON.parse(localStorage.getItem(STORED) ?? '[]')
    return Array.isArray(ids) ? ids.filter((id) => typeof id === 'string').slice(0, MAX_KEPT) : []
  } catch {
    return []
  }
}

export function rememberCommand(id: string): void {
  const ids = [id, ...recentCommands().filter((one) => one !== id)].slice(0, MAX_KEPT)
  localStorage.setItem(STORED, JSON.stringify(ids))
}
