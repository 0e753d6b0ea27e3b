// `@sightline/sdk/core`: everything that needs no more than `@opentelemetry/api`.
export * from './core/api.ts'
export type { StreamState } from './core/outcome.ts'
export { init } from './core/start-core.ts'
export type { CoreOptions } from './core/config.ts'
export { flush, shutdown } from './core/lifecycle.ts'
export type { FlushOptions, Sightline } from './core/lifecycle.ts'
export { unwrap, wrap } from './wrap.ts'
export type { WrapOptions } from './tap/provider-tap.ts'
