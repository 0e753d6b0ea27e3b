/**
 * Reads a call's body. What cannot be read, such as a message whose getter throws, may be sent all the same
 * (by its `toJSON`): the call then has a span of what is plain to see, as its model.
 */
export function readRequest<R>(read: (body: unknown) => R, body: unknown): R {
  try {
    return read(body)
  } catch {
    return read(plainPartOf(body))
  }
}

function plainPartOf(body: unknown): Record<string, unknown> {
  const plain: Record<string, unknown> = {}
  if (typeof body !== 'object' || body === null) return plain
  try {
    for (const [key, property] of Object.entries(Object.getOwnPropertyDescriptors(body))) {
      const value: unknown = property.value
      if (typeof value !== 'object' && typeof value !== 'function') plain[key] = value
    }
  } catch {
    // A proxy may refuse to be looked at, too.
  }
  return plain
}
