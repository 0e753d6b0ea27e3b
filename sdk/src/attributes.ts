// `@sightline/sdk/attributes`: what a span would say, as pure functions, for those who write spans by
// other means, such as replays and imports of old logs.
import type { Attributes } from '@opentelemetry/api'
import { toAttributes } from './core/content.ts'
import { contextFields } from './core/context.ts'
import type { SightlineContext } from './core/context.ts'
import * as observed from './core/observed-attributes.ts'
import type { ObserveOptions } from './core/observed-attributes.ts'
import { errorType, streamFields } from './core/outcome.ts'
import type { StreamState } from './core/outcome.ts'
import { ATTR_ERROR_TYPE } from './core/semconv.ts'

/**
 * The attributes that `withContext` gives every span inside.
 *
 * @example
 * contextAttributes({ session: 's-1' })['session.id'] // 's-1'
 */
export function contextAttributes(values: SightlineContext): Attributes {
  return toAttributes(contextFields(values))
}

/**
 * The attributes of an observed function's span from its start.
 *
 * @example
 * observedStart({ name: 'search', kind: 'retriever' })['gen_ai.operation.name'] // 'retrieval'
 */
export function observedStart(options: ObserveOptions): Attributes {
  return toAttributes(observed.observedStart(options))
}

/**
 * The attributes that tell what an observed function was called with.
 *
 * @example
 * observedInput({ name: 'search' }, ['parcel'])['sightline.input'] // '"parcel"'
 */
export function observedInput(options: ObserveOptions, args: readonly unknown[]): Attributes {
  return toAttributes(observed.observedInput(options, args))
}

/**
 * The attributes that tell what an observed function returned.
 *
 * @example
 * observedOutput({ name: 'search' }, 3)['sightline.output'] // '3'
 */
export function observedOutput(options: ObserveOptions, result: unknown): Attributes {
  return toAttributes(observed.observedOutput(options, result))
}

/**
 * The attributes that tell how a streamed call went; the time to the first chunk in milliseconds.
 *
 * @example
 * streamAttributes({ state: 'complete', timeToFirstChunkMs: 420 })
 */
export function streamAttributes(stream: {
  readonly state: StreamState
  readonly timeToFirstChunkMs?: number | undefined
}): Attributes {
  return toAttributes(streamFields(stream))
}

/**
 * The attributes of a failure.
 *
 * @example
 * errorAttributes(new TypeError('no'))['error.type'] // 'TypeError'
 */
export function errorAttributes(error: unknown): Attributes {
  return { [ATTR_ERROR_TYPE]: errorType(error) }
}

export { chatRequestAttributes, chatResponseAttributes } from './providers/openai-chat.ts'
export type { ChatAttributeOptions } from './providers/openai-chat.ts'
export { observedSpanName } from './core/observed-attributes.ts'
export type { ObserveOptions } from './core/observed-attributes.ts'
export type { SightlineContext } from './core/context.ts'
export type { StreamState } from './core/outcome.ts'
export { SCHEMA_URL, SCOPE_NAME } from './core/semconv.ts'
export { SDK_VERSION } from './core/version.ts'
