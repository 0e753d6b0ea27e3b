import type { SpanType } from '../contract/index.ts'
import {
  parseJsonText,
  stepInto,
  toBoolean,
  toJson,
  toNumber,
  toText,
  toTextList,
} from './attribute-text.ts'
import type { DialectTables, Plan, PlannedSource } from './dialect-plan.ts'
import type { FieldName, Source } from './dialects/dialect.ts'
import type { AttributeValue, OtlpSpan } from './otlp.ts'
import { parsePythonText } from './python-text.ts'

/** Longer JSON text is not parsed for a narrow field: ingest must not hang on one prompt. */
const MAX_PARSED_LENGTH = 256 * 1024

/** Told which attribute fed which field, or what else did. */
export type MappingTrace = (field: string, source: Pick<Source, 'key' | 'path' | 'note'>) => void

/**
 * One span seen through the dialects it speaks. Reused from span to span (`load`), because a fresh
 * table of slots for each would cost as much as reading it.
 */
export class SpanView {
  span: OtlpSpan
  plan: Plan
  type: SpanType = 'other'
  operationRaw: string | null = null
  trace: MappingTrace | null = null
  readonly #tables: DialectTables
  readonly #maxParsedLength: number
  readonly #values: (AttributeValue | undefined)[]
  readonly #touched: number[] = []
  readonly #parsed = new Map<number, unknown>()

  constructor(tables: DialectTables, span: OtlpSpan, maxParsedLength = MAX_PARSED_LENGTH) {
    this.#tables = tables
    this.#maxParsedLength = maxParsedLength
    this.#values = Array.from({ length: tables.slotCount }, () => undefined)
    this.span = span
    this.plan = tables.planOf(0, 0)
    this.load(span)
  }

  load(span: OtlpSpan): void {
    const values = this.#values
    const touched = this.#touched
    for (const slot of touched) values[slot] = undefined
    touched.length = 0
    if (this.#parsed.size > 0) this.#parsed.clear()
    this.span = span
    this.type = 'other'
    this.operationRaw = null
    const { slotByKey, lowMarkers, highMarkers } = this.#tables
    let { low, high } = this.#tables.scopeMask(span.group.scope)
    for (const { key, value } of span.attributes) {
      const slot = slotByKey.get(key)
      if (slot === undefined) continue
      values[slot] = value
      touched.push(slot)
      low |= lowMarkers[slot] as number
      high |= highMarkers[slot] as number
    }
    this.plan = this.#tables.planOf(low, high)
  }

  has(field: FieldName): boolean {
    for (const source of this.plan.sources[field]) {
      const value = this.#valueAt(source)
      if (value !== undefined && value !== '' && value !== '__REDACTED__') return true
    }
    return false
  }

  text(field: FieldName): string | null {
    for (const source of this.plan.sources[field]) {
      const text = toText(this.#valueAt(source))
      if (text === undefined) continue
      if (this.trace !== null) this.trace(field, source)
      return text
    }
    return null
  }

  /** null = none sent; undefined = what was sent is no number. */
  number(field: FieldName): number | null | undefined {
    for (const source of this.plan.sources[field]) {
      const value = this.#valueAt(source)
      if (value === undefined) continue
      const number = toNumber(value)
      if (number === undefined) continue
      if (this.trace !== null) this.trace(field, source)
      return number === null ? undefined : number
    }
    return null
  }

  boolean(field: FieldName): boolean | null {
    for (const source of this.plan.sources[field]) {
      const value = toBoolean(this.#valueAt(source))
      if (value === undefined) continue
      if (this.trace !== null) this.trace(field, source)
      return value
    }
    return null
  }

  list(field: FieldName): string[] {
    for (const source of this.plan.sources[field]) {
      const value = toTextList(this.#valueAt(source))
      if (value === undefined) continue
      if (this.trace !== null) this.trace(field, source)
      return value
    }
    return []
  }

  /** The first source whose value `take` makes something of. */
  find<T>(field: FieldName, take: (value: unknown, source: Source) => T | undefined): T | null {
    for (const source of this.plan.sources[field]) {
      const value = this.#valueAt(source)
      if (value === undefined || value === '' || value === '__REDACTED__') continue
      const taken = take(value, source)
      if (taken === undefined) continue
      if (this.trace !== null) this.trace(field, source)
      return taken
    }
    return null
  }

  /** The value as JSON, as sent; undefined where no source has one. */
  raw(field: FieldName): unknown {
    return this.find(field, (value, source) => ({ value: toPlain(value, source) }))?.value
  }

  value(key: string): AttributeValue | undefined {
    const slot = this.#tables.slotByKey.get(key)
    return slot === undefined ? undefined : this.#values[slot]
  }

  /** What stands at `path` in the JSON text of an attribute; '' is all of it. */
  json(key: string, path: string): unknown {
    const slot = this.#tables.slotByKey.get(key)
    if (slot === undefined) return undefined
    return this.#walk(slot, path === '' ? [] : path.split('.'))
  }

  /** The type that its dialect or a kind attribute names, or null. */
  kindType(): SpanType | null {
    for (const dialect of this.plan.dialects) {
      const type = dialect.typeOf?.(this) ?? null
      if (type === null) continue
      if (this.trace !== null) this.trace('type', { key: '', note: `told by ${dialect.name}` })
      return type
    }
    for (const kind of this.plan.kinds) {
      const text = toText(this.#values[kind.slot])
      if (text === undefined) continue
      if (this.trace !== null) this.trace('type', kind)
      return kind.types.get(text.toLowerCase()) ?? 'other'
    }
    return null
  }

  #valueAt(source: PlannedSource): unknown {
    const { read } = source
    const value = this.#values[source.slot]
    if ((value === undefined || value === null) && read === undefined) return undefined
    if (source.when !== undefined && !source.when(this)) return undefined
    if (read !== undefined) return read(this) ?? undefined
    if (source.steps === null) return value
    return this.#walk(source.slot, source.steps)
  }

  #walk(slot: number, steps: readonly string[]): unknown {
    let value = this.#parse(slot)
    for (const step of steps) value = stepInto(value, step)
    return value ?? undefined
  }

  #parse(slot: number): unknown {
    if (this.#parsed.has(slot)) return this.#parsed.get(slot)
    const value = this.#values[slot]
    let parsed: unknown = undefined
    if (typeof value === 'string') {
      const code = value.charCodeAt(0)
      const isJson = code === 0x7b || code === 0x5b || code === 0x22
      if (isJson && value.length <= this.#maxParsedLength) parsed = parseText(value)
    } else if (value !== undefined) parsed = toJson(value)
    this.#parsed.set(slot, parsed)
    return parsed
  }
}

function parseText(text: string): unknown {
  return parseJsonText(text) ?? parsePythonText(text)
}

/** What `read` and a path give is JSON already. */
export function toPlain(value: unknown, source: Source): unknown {
  const isOwnValue = source.read === undefined && source.path === undefined
  return isOwnValue ? toJson(value as AttributeValue) : value
}
