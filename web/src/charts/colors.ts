export const OTHERS = 'others'
const SLOTS = 6
const GREY = 'var(--s0)'

/**
 * Colour per name: its hash picks the slot, so that an entity looks the same on all pages; names
 * that would share a slot move on to the next free one. The seventh and later are grey.
 */
export function colorsOf(names: readonly string[]): Map<string, string> {
  const taken = new Set<number>()
  const colors = new Map<string, string>()
  for (const name of names.filter((one) => one !== OTHERS).toSorted()) {
    if (taken.size === SLOTS) {
      colors.set(name, GREY)
      continue
    }
    let slot = hashOf(name) % SLOTS
    while (taken.has(slot)) slot = (slot + 1) % SLOTS
    taken.add(slot)
    colors.set(name, `var(--s${slot + 1})`)
  }
  if (names.includes(OTHERS)) colors.set(OTHERS, GREY)
  return colors
}

function hashOf(name: string): number {
  let hash = 0x811c9dc5
  for (const char of name) {
    hash = Math.imul(hash ^ (char.codePointAt(0) ?? 0), 0x01000193) >>> 0
  }
  // FNV's low bits alone are weak; fold the high ones in.
  return (hash ^ (hash >>> 15)) >>> 0
}
