/**
 * A value as an application can see it: classes up the prototype chain, own enumerable keys in their
 * order, values, and what errors, headers and responses say. Two values with equal snapshots cannot be
 * told apart by reading them. Ports differ from run to run and are left out.
 */
export function snapshot(value: unknown): unknown {
  return snapshotOf(value, new Map())
}

type Seen = Map<object, string>

// What a failed connection says of itself.
const PORTS: ReadonlySet<string> = new Set(['port', 'localPort', 'remotePort'])

function snapshotOf(value: unknown, seen: Seen): unknown {
  if (typeof value === 'string') return value.replaceAll(/(127\.0\.0\.1|localhost):\d+/g, 'HOST')
  if (typeof value === 'function') return `function ${value.name}`
  if (typeof value === 'symbol' || typeof value === 'bigint') return String(value)
  if (typeof value !== 'object' || value === null) return Object.is(value, -0) ? '-0' : value
  const known = seen.get(value)
  if (known !== undefined) return known
  seen.set(value, `same as #${seen.size}`)
  const special = snapshotSpecial(value, seen)
  const entries = Object.keys(value).map((key) => [
    key,
    PORTS.has(key) ? 'PORT' : snapshotOf((value as Record<string, unknown>)[key], seen),
  ])
  if (isPlain(value) && special === undefined) return { entries }
  return { classes: classesOf(value), ...special, entries }
}

function snapshotSpecial(value: object, seen: Seen): object | undefined {
  if (value instanceof Error) {
    return {
      name: value.name,
      message: snapshotOf(value.message, seen),
      cause: snapshotOf(value.cause, seen),
    }
  }
  if (value instanceof Headers || value instanceof Map || value instanceof Set) {
    return { items: [...value].map((item) => snapshotOf(item, seen)) }
  }
  if (value instanceof Response) {
    const { status, statusText, headers, bodyUsed } = value
    return { status, statusText, bodyUsed, headers: snapshotOf(headers, seen) }
  }
  if (value instanceof AbortSignal) return { aborted: value.aborted }
  if (value instanceof Date) return { at: value.getTime() }
  return undefined
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}

function classesOf(value: object): string[] {
  const names: string[] = []
  let prototype: unknown = Object.getPrototypeOf(value)
  while (typeof prototype === 'object' && prototype !== null) {
    names.push(prototype.constructor?.name ?? '')
    prototype = Object.getPrototypeOf(prototype)
  }
  return names
}

/** What is left of a promise, a stream or a client when its data is set aside: classes and own keys. */
export function shapeOf(value: object): unknown {
  return { classes: classesOf(value), keys: Object.keys(value) }
}

/** The error that an action ends in, or its answer. */
export async function failureOf(promise: PromiseLike<unknown>): Promise<unknown> {
  try {
    return { answered: await promise }
  } catch (error) {
    return { threw: error }
  }
}

/** What reading a stream gives, up to `limit` items. */
export async function readAll<T>(stream: AsyncIterable<T>, limit = Infinity): Promise<T[]> {
  const items: T[] = []
  for await (const item of stream) {
    items.push(item)
    if (items.length >= limit) break
  }
  return items
}
