import type { Attribute, AttributeValue } from '../otlp.ts'

/** The attributes of one item of a flattened list, by the rest of their key. */
export type IndexedItem = { index: number; fields: Map<string, AttributeValue> }

/**
 * The items behind `prefix` (`llm.input_messages.` and the like) by their number: senders write them
 * in any order. Kept in maps, so that no index makes a long array.
 */
export function indexedItems(attributes: Iterable<Attribute>, prefix: string): IndexedItem[] {
  const items = new Map<number, IndexedItem>()
  for (const { key, value } of attributes) {
    if (!key.startsWith(prefix)) continue
    const match = /^(\d{1,15})\.(.+)$/s.exec(key.slice(prefix.length))
    const [, digits, rest] = match ?? []
    if (digits === undefined || rest === undefined) continue
    const index = Number(digits)
    let item = items.get(index)
    if (item === undefined) {
      item = { index, fields: new Map() }
      items.set(index, item)
    }
    item.fields.set(rest, value)
  }
  return [...items.values()].sort((a, b) => a.index - b.index)
}

/** The list nested in an item. */
export function nestedItems(item: IndexedItem, prefix: string): IndexedItem[] {
  return indexedItems(
    [...item.fields].map(([key, value]) => ({ key, value })),
    prefix,
  )
}

/** A text field of an item; '' and what is no text are null. */
export function itemText(item: IndexedItem, key: string): string | null {
  const value = item.fields.get(key)
  return typeof value === 'string' && value !== '' && value !== '__REDACTED__' ? value : null
}
