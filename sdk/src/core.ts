// `@sightline/sdk/core`: everything that needs no more than `@opentelemetry/api`.
export { observe } from './core/observe.ts'
export type { Observed, ObservedSpan } from './core/observe.ts'
export {
  observedInput,
  observedOutput,
  observedSpanName,
  observedStart,
} from './core/observed-attributes.ts'
export type { ObserveOptions } from './core/observed-attributes.ts'
export { contextAttributes, withContext } from './core/context.ts'
export type { SightlineContext } from './core/context.ts'
export type { ContentField, ContentMode, ContentPolicy, Redact } from './core/content.ts'
export type { SpanType } from './core/span-kind.ts'
export { errorAttributes, streamAttributes } from './core/outcome.ts'
export type { StreamState } from './core/outcome.ts'
export { SDK_VERSION } from './core/version.ts'
export { SCHEMA_URL, SCOPE_NAME } from './core/semconv.ts'
export { chatRequestAttributes, chatResponseAttributes } from './providers/openai-chat.ts'
export type { ChatAttributeOptions } from './providers/openai-chat.ts'
