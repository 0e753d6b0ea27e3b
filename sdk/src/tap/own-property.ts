/** Takes one change to a client off again. */
export type Restore = () => void

/**
 * Sets an own property over what the object has or inherits; loops over keys see what they saw before.
 * Where the object does not allow it, nothing changes.
 */
export function override(target: object, key: string, value: unknown): Restore {
  const own = Object.getOwnPropertyDescriptor(target, key)
  const isListed = own?.enumerable === true
  const shown = { value, writable: true, configurable: true, enumerable: isListed }
  if (!Reflect.defineProperty(target, key, shown)) return () => undefined
  return () => {
    if (own === undefined) Reflect.deleteProperty(target, key)
    else Reflect.defineProperty(target, key, own)
  }
}

/**
 * The same for what only one call has, which nobody takes back: an unlisted own property where the object
 * has none, else the one it has. Throws where the object does not allow it.
 */
export function cover(target: object, key: string, value: unknown): void {
  if (Object.hasOwn(target, key)) (target as Record<string, unknown>)[key] = value
  else Object.defineProperty(target, key, { value, writable: true, configurable: true })
}

/** The same for a method of a client, which keeps its name and its number of parameters. */
export function overrideMethod(
  target: object,
  key: string,
  method: (...args: unknown[]) => unknown,
): Restore {
  const original: unknown = Reflect.get(target, key)
  if (typeof original === 'function') {
    for (const property of ['name', 'length'] as const) {
      const value = original[property]
      Reflect.defineProperty(method, property, { value, configurable: true })
    }
  }
  return override(target, key, method)
}
