import { fuzzyScore } from '../lib/fuzzy.ts'

export type Command = {
  id: string
  group: string
  title: string
  /** Other words it is found by. */
  words?: string
  /** The key that does the same. */
  keys?: string
  hint?: string
  run: () => void
}
export type CommandGroup = { title: string; commands: Command[] }

const MAX_A_GROUP = 8

/** Groups with their best answers; with nothing typed, what was taken last goes first. */
export function searchCommands(
  commands: readonly Command[],
  typed: string,
  recent: readonly string[],
): CommandGroup[] {
  if (typed.trim() === '') return withRecent(commands, recent)
  const found = commands.flatMap((command) => {
    const title = fuzzyScore(typed, command.title)
    const words = command.words === undefined ? null : fuzzyScore(typed, command.words)
    if (title === null && words === null) return []
    const used = recent.includes(command.id) ? 20 : 0
    return [{ command, score: Math.max(title ?? -1_000, (words ?? -1_000) - 100) + used }]
  })
  const groups = [...Map.groupBy(found, ({ command }) => command.group)].map(([title, all]) => {
    const sorted = all.toSorted((a, b) => b.score - a.score).slice(0, MAX_A_GROUP)
    return { title, best: sorted[0]?.score ?? 0, commands: sorted.map(({ command }) => command) }
  })
  return groups
    .toSorted((a, b) => b.best - a.best)
    .map(({ title, commands: answers }) => ({ title, commands: answers }))
}

function withRecent(commands: readonly Command[], recent: readonly string[]): CommandGroup[] {
  const taken = recent.flatMap((id) => commands.find((command) => command.id === id) ?? [])
  const others = commands.filter((command) => !taken.includes(command))
  const groups = [...Map.groupBy(others, ({ group }) => group)].map(([title, all]) => ({
    title,
    commands: all.slice(0, MAX_A_GROUP),
  }))
  return taken.length > 0 ? [{ title: 'Recent', commands: taken }, ...groups] : groups
}

export type TraceAddress = { traceId: string; spanId?: string }

/** A trace id, however it was copied: bare, as a UUID, or within a `traceparent`. */
export function traceAddressOf(typed: string): TraceAddress | undefined {
  const text = typed.trim().toLowerCase()
  const parent = /^[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}$/.exec(text)
  if (parent?.[1] !== undefined && parent[2] !== undefined)
    return { traceId: parent[1], spanId: parent[2] }
  const bare = /^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$/.test(text)
  return bare ? { traceId: text.replaceAll('-', '') } : undefined
}
