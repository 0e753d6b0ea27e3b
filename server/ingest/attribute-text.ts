import { type AttributeValue, isKeyValueList } from './otlp.ts'
import { parsePythonText } from './python-text.ts'

// Values as senders write them: numbers as text, text in quotes, "True", '' and "__REDACTED__" for
// nothing. undefined stands for "no value here".

export function toText(value: unknown): string | undefined {
  if (typeof value === 'string') return unquote(value)
  if (typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean') {
    return String(value)
  }
  return undefined
}

function unquote(text: string): string | undefined {
  if (text === '' || text === '__REDACTED__') return undefined
  if (text.charCodeAt(0) !== 0x22 || !text.endsWith('"') || text.length < 2) return text
  const parsed = parseJsonText(text)
  if (typeof parsed !== 'string') return text
  return parsed === '' ? undefined : parsed
}

/** A finite number; null where a value stands there that is none. */
export function toNumber(value: unknown): number | null | undefined {
  if (typeof value === 'number') return Number.isFinite(value) ? value : null
  if (typeof value === 'bigint') return Number(value)
  if (typeof value !== 'string') return value === null || value === undefined ? undefined : null
  const text = unquote(value)?.trim()
  if (text === undefined || text === '') return undefined
  const number = Number(text)
  return Number.isFinite(number) && !/[^0-9eE.+-]/.test(text) ? number : null
}

export function toBoolean(value: unknown): boolean | undefined {
  if (typeof value === 'boolean') return value
  if (typeof value !== 'string') return undefined
  const text = unquote(value)?.toLowerCase()
  if (text === 'true') return true
  return text === 'false' ? false : undefined
}

const MAX_LIST = 64

/** A list of texts: an array, JSON or Python text of one, or one text. */
export function toTextList(value: unknown): string[] | undefined {
  let items: unknown = value
  if (typeof value === 'string') {
    const text = unquote(value)
    if (text === undefined) return undefined
    const isList = text.startsWith('[') || text.startsWith('(')
    items = isList ? (parseJsonText(text) ?? parsePythonText(text) ?? [text]) : [text]
  }
  if (!Array.isArray(items)) return undefined
  const texts: string[] = []
  for (const item of items.slice(0, MAX_LIST) as unknown[]) {
    const text = toText(item)
    if (text !== undefined) texts.push(text)
  }
  return texts.length === 0 ? undefined : texts
}

/** Parsed JSON, undefined where the text is none. */
export function parseJsonText(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return undefined
  }
}

/** One step into parsed JSON; own properties only. */
export function stepInto(value: unknown, step: string): unknown {
  if (typeof value !== 'object' || value === null) return undefined
  return Object.hasOwn(value, step) ? (value as Record<string, unknown>)[step] : undefined
}

/** An attribute value as plain JSON; its keys become own properties, whatever they are. */
export function toJson(value: AttributeValue): unknown {
  if (typeof value === 'bigint') return value.toString()
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value)
  if (typeof value !== 'object' || value === null) return value
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64')
  if (Array.isArray(value)) return value.map(toJson)
  if (isKeyValueList(value)) {
    return Object.fromEntries(value.entries.map((entry) => [entry.key, toJson(entry.value)]))
  }
  return null
}
