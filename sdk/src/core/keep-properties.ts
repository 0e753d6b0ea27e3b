/** Gives `copy` what `original` carries of its own; what it refuses is left out. The copy out. */
export function keepProperties<T extends object>(copy: T, original: object): T {
  // Node keeps a promise's context in symbols on it; those of the copy are its own.
  const keys = original instanceof Promise ? Object.keys(original) : Reflect.ownKeys(original)
  for (const key of keys) {
    const property = Reflect.getOwnPropertyDescriptor(original, key)
    if (property !== undefined) Reflect.defineProperty(copy, key, property)
  }
  return copy
}
