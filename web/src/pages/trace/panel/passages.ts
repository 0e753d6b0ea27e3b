export type Passage = { title: string; text: string | null; score: number | null }

const LIST_KEYS = [
  'passages',
  'results',
  'documents',
  'docs',
  'hits',
  'matches',
  'chunks',
  'articles',
  'items',
  'data',
]
const TITLE_KEYS = ['title', 'name', 'heading', 'question', 'id', 'document_id', 'source', 'url']
const TEXT_KEYS = ['text', 'content', 'page_content', 'passage', 'snippet', 'body', 'chunk']
const SCORE_KEYS = ['score', 'similarity', 'relevance', 'relevance_score', 'rerank_score', '_score']
const MAX_PASSAGES = 1_000
const MAX_TITLE = 160

/** A list of found passages, in the forms that retrievers and search tools answer; else null. */
export function passagesOf(value: unknown): Passage[] | null {
  const list = listOf(value)
  if (list === null || list.length === 0) return null
  const passages: Passage[] = []
  for (const item of list.slice(0, MAX_PASSAGES)) {
    const passage = passageOf(item)
    if (passage === null) return null
    passages.push(passage)
  }
  return passages
}

function listOf(value: unknown): unknown[] | null {
  if (Array.isArray(value)) return value as unknown[]
  if (!isObject(value)) return null
  for (const key of LIST_KEYS) {
    const list = own(value, key)
    if (Array.isArray(list)) return list as unknown[]
  }
  return null
}

function passageOf(item: unknown): Passage | null {
  if (!isObject(item)) return null
  const inner = own(item, 'document')
  const metadata = own(item, 'metadata')
  const places = [item, inner, metadata].filter(isObject)
  const score = firstOf(places, SCORE_KEYS, isFinite)
  const text = firstOf(places, TEXT_KEYS, isText) ?? (isText(inner) ? inner : null)
  const title = firstOf(places, TITLE_KEYS, isText)
  // A row of a name alone could be any list: a passage has a text or a score.
  if (score === null && text === null) return null
  if (title === null && text === null) return null
  return { title: titleOf(title ?? text ?? ''), text, score }
}

function firstOf<Value>(
  places: readonly Record<string, unknown>[],
  keys: readonly string[],
  isWanted: (value: unknown) => value is Value,
): Value | null {
  for (const place of places) {
    for (const key of keys) {
      const value = own(place, key)
      if (isWanted(value)) return value
    }
  }
  return null
}

function titleOf(text: string): string {
  const line = text.trim().split('\n', 1)[0] ?? ''
  return line.length > MAX_TITLE ? `${line.slice(0, MAX_TITLE)}…` : line
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value.trim() !== ''
}

function isFinite(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value)
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function own(value: Record<string, unknown>, key: string): unknown {
  return Object.hasOwn(value, key) ? value[key] : undefined
}
