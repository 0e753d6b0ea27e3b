import { diag } from '@opentelemetry/api'
import { anthropicTap } from './providers/anthropic.ts'
import { googleGenAITap } from './providers/google-genai.ts'
import { ollamaTap } from './providers/ollama.ts'
import { openaiTap } from './providers/openai.ts'
import { wrapWith } from './tap/provider-tap.ts'
import type { ProviderTap, WrapOptions } from './tap/provider-tap.ts'

/** Every provider, one line each. Specific shapes stand before general ones. */
const TAPS: readonly ProviderTap[] = [anthropicTap, googleGenAITap, ollamaTap, openaiTap]

/**
 * Records the calls of a provider's client. Returns the very same client, of the same type, whose
 * promises, streams and errors stay as they are; wrapping twice is wrapping once.
 *
 * @example
 * const openai = wrap(new OpenAI())
 */
export function wrap<T extends object>(client: T, options: WrapOptions = {}): T {
  const tap = TAPS.find((candidate) => isFor(candidate, client))
  if (tap !== undefined) return wrapWith(tap, client, options)
  const known = TAPS.map(({ name }) => name).join(', ')
  diag.warn(`sightline: wrap knows clients of ${known}; this one is returned unrecorded`)
  return client
}

/** What is handed in may be anything, and may throw at being looked at. */
function isFor({ matches }: ProviderTap, client: object): boolean {
  try {
    return matches(client)
  } catch {
    return false
  }
}

export { unwrap } from './tap/provider-tap.ts'
