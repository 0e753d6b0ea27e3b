// Keys whose strings describe the shape of a message, not what was said.
const SHAPE_KEYS: ReadonlySet<string> = new Set([
  'type',
  'role',
  'id',
  'name',
  'finish_reason',
  'modality',
  'mime_type',
  'sha256',
])

/** The same structure with every piece of text replaced by its length. */
export function maskText(value: unknown, depth = 0): unknown {
  if (typeof value === 'string') return `[redacted ${value.length} chars]`
  if (value === null || typeof value !== 'object') return value
  if (depth > 20) return '[redacted]'
  if (Array.isArray(value)) return value.map((item) => maskText(item, depth + 1))
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [
      key,
      SHAPE_KEYS.has(key) && typeof item === 'string' ? item : maskText(item, depth + 1),
    ]),
  )
}
