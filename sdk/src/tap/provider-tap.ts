import { diag } from '@opentelemetry/api'
import type { SightlineContext } from '../core/context.ts'
import type { Restore } from './own-property.ts'

/**
 * What is to hold for the calls of one client.
 *
 * @example
 * const options: WrapOptions = { provider: 'groq', user: 'nightly-job' }
 */
export type WrapOptions = {
  /** OpenTelemetry's provider name, where the client's base URL does not say who answers. */
  readonly provider?: string
  /** Session of this client's calls unless `withContext` names another. */
  readonly session?: string
  /** User of this client's calls unless `withContext` names another. */
  readonly user?: string
  /** Sends the trace's id along to the provider; it does not leave unless asked. */
  readonly propagate?: boolean
  /**
   * Asks for usage in streams of OpenAI's chat format (`stream_options.include_usage`) where the call does
   * not say. It adds a last chunk without choices, and some gateways reject it, so it is off unless asked.
   */
  readonly forceStreamUsage?: boolean
}

/** What one provider's file gives: how to know its client, and how to record it. */
export type ProviderTap = {
  readonly name: string
  /** True for a client of any version, and for clients of the same shape. */
  readonly matches: (client: object) => boolean
  /** Changes the instance; answers how each change is taken back. */
  readonly install: (client: object, options: WrapOptions) => readonly Restore[]
}

const restoresByClient = new WeakMap<object, readonly Restore[]>()

/** Records a client's calls by a tap; returns the very same client, wrapped once however often. */
export function wrapWith<T extends object>(
  tap: ProviderTap,
  client: T,
  options: WrapOptions = {},
): T {
  try {
    if (!restoresByClient.has(client) && tap.matches(client)) {
      restoresByClient.set(client, tap.install(client, options))
    }
  } catch (error) {
    diag.warn(`sightline: this ${tap.name} client cannot be recorded, and works on without`, error)
  }
  return client
}

/**
 * Takes every tap off a client; returns the very same client.
 *
 * @example
 * unwrap(openai)
 */
export function unwrap<T extends object>(client: T): T {
  // What was put on last comes off first.
  for (const restore of (restoresByClient.get(client) ?? []).toReversed()) restore()
  restoresByClient.delete(client)
  return client
}

/** What holds for a client's calls unless the context says otherwise. */
export function toDefaults({ session, user }: WrapOptions): SightlineContext | undefined {
  if (session === undefined && user === undefined) return undefined
  return {
    ...(session === undefined ? {} : { session }),
    ...(user === undefined ? {} : { user }),
  }
}
