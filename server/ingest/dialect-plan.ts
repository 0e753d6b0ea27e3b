import type { SpanType } from '../contract/index.ts'
import { type Dialect, type FieldName, FIELDS, type Source } from './dialects/dialect.ts'
import type { OtlpScope } from './otlp.ts'

// The dialect tables, compiled once: every key any dialect reads gets a slot, so that a span's
// attributes are passed over once, and each combination of dialects seen on a span gets a plan
// that holds only their sources, in order of precedence.

export type PlannedSource = Source & { slot: number; steps: readonly string[] | null }
export type PlannedKind = { key: string; slot: number; types: ReadonlyMap<string, SpanType> }

export type Plan = {
  /** The dialects spoken, most telling first. */
  dialects: readonly Dialect[]
  /** As shown in `span.dialect`. */
  name: string
  sources: Readonly<Record<FieldName, readonly PlannedSource[]>>
  kinds: readonly PlannedKind[]
}

export type DialectTables = {
  slotByKey: ReadonlyMap<string, number>
  slotCount: number
  /** Per slot the dialects that the key marks. */
  lowMarkers: readonly number[]
  highMarkers: readonly number[]
  scopeMask(scope: OtlpScope): DialectSet
  planOf(low: number, high: number): Plan
}

/** A set of dialects: bit n of `low`, from the 33rd on bit n - 32 of `high`. */
export type DialectSet = { low: number; high: number }

const MAX_PLANS = 1_000
/** So that both halves of a set make one exact number. */
const MAX_DIALECTS = 52

export function compileDialects(dialects: readonly Dialect[]): DialectTables {
  if (dialects.length > MAX_DIALECTS) {
    throw new Error(`${dialects.length} dialects: a set of them has room for ${MAX_DIALECTS}`)
  }
  const slotByKey = new Map<string, number>()
  const lowMarkers: number[] = []
  const highMarkers: number[] = []
  const slotOf = (key: string): number => {
    const known = slotByKey.get(key)
    if (known !== undefined) return known
    const slot = lowMarkers.push(0) - 1
    highMarkers.push(0)
    slotByKey.set(key, slot)
    return slot
  }
  for (const [index, dialect] of dialects.entries()) {
    for (const key of dialect.markers) {
      const slot = slotOf(key)
      lowMarkers[slot] = (lowMarkers[slot] ?? 0) | lowBit(index)
      highMarkers[slot] = (highMarkers[slot] ?? 0) | highBit(index)
    }
    for (const { key } of dialect.kinds ?? []) slotOf(key)
    for (const key of dialect.reads ?? []) slotOf(key)
    for (const field of FIELDS) for (const { key } of sourcesOf(dialect, field)) slotOf(key)
  }
  const masks = new WeakMap<OtlpScope, DialectSet>()
  const plans = new Map<number, Plan>()
  return {
    slotByKey,
    slotCount: lowMarkers.length,
    lowMarkers,
    highMarkers,
    scopeMask(scope) {
      const known = masks.get(scope)
      if (known !== undefined) return known
      const mask = maskOfScope(dialects, scope)
      masks.set(scope, mask)
      return mask
    },
    planOf(low, high) {
      const key = high * 2 ** 32 + (low >>> 0)
      const known = plans.get(key)
      if (known !== undefined) return known
      const plan = makePlan(
        dialects.filter((_, index) => ((low & lowBit(index)) | (high & highBit(index))) !== 0),
        slotOf,
      )
      // Senders choose the combination: what is kept of them must be bounded.
      if (plans.size >= MAX_PLANS) plans.clear()
      plans.set(key, plan)
      return plan
    },
  }
}

/** A dialect without markers and scope speaks on every span. */
function maskOfScope(dialects: readonly Dialect[], scope: OtlpScope): DialectSet {
  const mask = { low: 0, high: 0 }
  for (const [index, dialect] of dialects.entries()) {
    const isAlways = dialect.markers.length === 0 && dialect.scope === undefined
    if (!isAlways && dialect.scope?.test(scope.name) !== true) continue
    mask.low |= lowBit(index)
    mask.high |= highBit(index)
  }
  return mask
}

function lowBit(index: number): number {
  return index < 32 ? 1 << index : 0
}

function highBit(index: number): number {
  return index < 32 ? 0 : 1 << (index - 32)
}

function makePlan(dialects: readonly Dialect[], slotOf: (key: string) => number): Plan {
  const planField = (field: FieldName): PlannedSource[] =>
    dialects
      .flatMap((dialect) => visibleSources(dialect, field, dialects))
      .map((source) => ({
        ...source,
        slot: slotOf(source.key),
        steps: source.path?.split('.') ?? null,
      }))
  return {
    dialects,
    name: (dialects.find(({ isBase }) => isBase !== true) ?? dialects[0])?.name ?? 'otel',
    sources: Object.fromEntries(FIELDS.map((field) => [field, planField(field)])) as Record<
      FieldName,
      PlannedSource[]
    >,
    kinds: dialects
      .flatMap((dialect) => dialect.kinds ?? [])
      .map(({ key, types }) => ({
        key,
        slot: slotOf(key),
        types: new Map(Object.entries(types).map(([name, type]) => [name.toLowerCase(), type])),
      })),
  }
}

function visibleSources(
  dialect: Dialect,
  field: FieldName,
  dialects: readonly Dialect[],
): Source[] {
  const others = dialects.filter((other) => other !== dialect)
  const hidden = new Set(others.flatMap((other) => other.hides?.[field] ?? []))
  return sourcesOf(dialect, field).filter(({ key }) => !hidden.has(key))
}

function sourcesOf(dialect: Dialect, field: FieldName): Source[] {
  return (dialect.fields[field] ?? []).map((source) =>
    typeof source === 'string' ? { key: source } : source,
  )
}
