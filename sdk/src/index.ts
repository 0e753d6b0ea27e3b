// `@sightline/sdk`: the Node preset.
export * from './core/api.ts'
export { flush, init, shutdown } from './init.ts'
export type { FlushOptions, Sightline } from './init.ts'
export type { InitOptions } from './config.ts'
export { unwrap, wrap } from './wrap.ts'
export type { WrapOptions } from './tap/provider-tap.ts'
