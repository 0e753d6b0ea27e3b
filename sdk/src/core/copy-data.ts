// Values that a client is about to send, or has just parsed, as JSON: the client reads them the same way,
// so reading them here runs nothing that would not have run.

const MAX_DEPTH = 12
const MAX_NODES = 5_000

type Budget = { nodes: number }

/** A copy of arrays and plain objects; strings and bytes are shared. `omit` names keys to leave out. */
export function copyData(value: unknown, omit?: ReadonlySet<string>): unknown {
  return copy(value, { budget: { nodes: MAX_NODES }, depth: 0, omit })
}

type Place = {
  readonly budget: Budget
  readonly depth: number
  readonly omit: ReadonlySet<string> | undefined
}

function copy(value: unknown, place: Place): unknown {
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return value
  const { budget, depth, omit } = place
  if (depth >= MAX_DEPTH || budget.nodes <= 0) return '[more]'
  const inner = { budget, depth: depth + 1, omit }
  if (Array.isArray(value)) {
    const items: unknown[] = value.slice(0, budget.nodes)
    budget.nodes -= items.length
    return items.map((item) => copy(item, inner))
  }
  const data: Record<string, unknown> = {}
  for (const key of Object.keys(value)) {
    if (omit?.has(key) === true) continue
    if (budget.nodes <= 0) break
    budget.nodes -= 1
    const inside = copy((value as Record<string, unknown>)[key], inner)
    if (key !== '__proto__') data[key] = inside
    // Assigning it would change the copy's prototype.
    else Object.defineProperty(data, key, { value: inside, enumerable: true })
  }
  return data
}
