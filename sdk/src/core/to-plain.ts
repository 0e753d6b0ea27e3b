// An application's values as plain data: bounded, without cycles, and without running its code
// (no toJSON, no getters).
import { isVector } from './media.ts'

const MAX_DEPTH = 10
const MAX_NODES = 5_000

type Budget = { nodes: number; readonly ancestors: Set<object> }

/** A copy of `value` that can be serialised; what is not data becomes a word for it. */
export function toPlain(value: unknown): unknown {
  return createCopier()(value)
}

/** The same for values that come one by one, bounded together. */
export function createCopier(): (value: unknown) => unknown {
  const budget: Budget = { nodes: MAX_NODES, ancestors: new Set() }
  return (value) => copyItem(value, -1, budget)
}

function copy(value: unknown, depth: number, budget: Budget): unknown {
  if (typeof value === 'string' || typeof value === 'boolean' || value === null) return value
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value)
  if (typeof value === 'bigint') return value.toString()
  if (typeof value !== 'object') return value === undefined ? undefined : `[${typeof value}]`
  if (budget.ancestors.has(value)) return '[cycle]'
  if (depth >= MAX_DEPTH || budget.nodes <= 0) return '[more]'
  budget.ancestors.add(value)
  const plain = copyObject(value, depth, budget)
  budget.ancestors.delete(value)
  return plain
}

function copyObject(value: object, depth: number, budget: Budget): unknown {
  if (Array.isArray(value)) {
    if (isVector(value)) return `[${value.length} numbers]`
    return value.slice(0, budget.nodes).map((item) => copyItem(item, depth, budget))
  }
  if (value instanceof Map || value instanceof Set) {
    return [...value].slice(0, budget.nodes).map((item) => copyItem(item, depth, budget))
  }
  if (!isPlainObject(value)) return describeInstance(value)
  const plain: Record<string, unknown> = {}
  for (const key of Object.keys(value)) {
    if (budget.nodes <= 0) break
    const property = Object.getOwnPropertyDescriptor(value, key)
    if (property !== undefined && 'value' in property) {
      plain[key] = copyItem(property.value, depth, budget)
    }
  }
  return plain
}

/** Instances of classes may hold sockets, secrets or the whole application: only known ones are shown. */
function describeInstance(value: object): unknown {
  if (value instanceof Error) return { name: value.name, message: value.message }
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString()
  if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer)
    return `[${value.byteLength} bytes]`
  return `[${value.constructor?.name || 'object'}]`
}

function copyItem(item: unknown, depth: number, budget: Budget): unknown {
  budget.nodes -= 1
  return copy(item, depth + 1, budget)
}

function isPlainObject(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === null || prototype === Object.prototype
}
