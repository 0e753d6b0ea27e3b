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
  sources: Readonly<Record<FieldName, readonly PlannedSource[]>>
  kinds: readonly PlannedKind[]
}

export type DialectTables = {
  slotByKey: ReadonlyMap<string, number>
  slotCount: number
  /** Per slot: bit n is set where the key marks dialect n. */
  markersBySlot: readonly number[]
  scopeMask(scope: OtlpScope): number
  planOf(mask: number): Plan
}

export function compileDialects(dialects: readonly Dialect[]): DialectTables {
  const slotByKey = new Map<string, number>()
  const markersBySlot: number[] = []
  const slotOf = (key: string): number => {
    const known = slotByKey.get(key)
    if (known !== undefined) return known
    const slot = markersBySlot.push(0) - 1
    slotByKey.set(key, slot)
    return slot
  }
  for (const [index, dialect] of dialects.entries()) {
    for (const key of dialect.markers) {
      const slot = slotOf(key)
      markersBySlot[slot] = (markersBySlot[slot] ?? 0) | (1 << index)
    }
    for (const { key } of dialect.kinds ?? []) slotOf(key)
    for (const field of FIELDS) for (const { key } of sourcesOf(dialect, field)) slotOf(key)
  }
  const masks = new WeakMap<OtlpScope, number>()
  const plans = new Map<number, Plan>()
  return {
    slotByKey,
    slotCount: markersBySlot.length,
    markersBySlot,
    scopeMask(scope) {
      const known = masks.get(scope)
      if (known !== undefined) return known
      const mask = maskOfScope(dialects, scope)
      masks.set(scope, mask)
      return mask
    },
    planOf(mask) {
      const known = plans.get(mask)
      if (known !== undefined) return known
      const plan = makePlan(
        dialects.filter((_, index) => ((mask >> index) & 1) === 1),
        slotOf,
      )
      plans.set(mask, plan)
      return plan
    },
  }
}

/** A dialect without markers and scope speaks on every span. */
function maskOfScope(dialects: readonly Dialect[], scope: OtlpScope): number {
  let mask = 0
  for (const [index, dialect] of dialects.entries()) {
    const isAlways = dialect.markers.length === 0 && dialect.scope === undefined
    if (isAlways || dialect.scope?.test(scope.name)) mask |= 1 << index
  }
  return mask
}

function makePlan(dialects: readonly Dialect[], slotOf: (key: string) => number): Plan {
  const planField = (field: FieldName): PlannedSource[] =>
    dialects
      .flatMap((dialect) => sourcesOf(dialect, field))
      .map((source) => ({
        ...source,
        slot: slotOf(source.key),
        steps: source.path?.split('.') ?? null,
      }))
  return {
    dialects,
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

function sourcesOf(dialect: Dialect, field: FieldName): Source[] {
  return (dialect.fields[field] ?? []).map((source) =>
    typeof source === 'string' ? { key: source } : source,
  )
}
