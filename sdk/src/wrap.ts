import { diag } from '@opentelemetry/api'
import { isOpenAI, unwrapOpenAI, wrapOpenAI } from './providers/openai.ts'
import type { WrapOptions } from './providers/openai.ts'

/**
 * Records the calls of a provider's client. Returns the very same client, of the same type, whose
 * promises, streams and errors stay as they are; wrapping twice is wrapping once.
 *
 * @example
 * const openai = wrap(new OpenAI())
 */
export function wrap<T extends object>(client: T, options: WrapOptions = {}): T {
  if (isOpenAI(client)) return wrapOpenAI(client, options)
  diag.warn('sightline: wrap knows OpenAI clients so far; this one is returned unrecorded')
  return client
}

/**
 * Takes `wrap` off again; returns the very same client.
 *
 * @example
 * unwrap(openai)
 */
export function unwrap<T extends object>(client: T): T {
  return unwrapOpenAI(client)
}
