import type OpenAI from 'openai'

export type VariantOptions = {
  /** The sink's address; OTLP goes to `/v1/traces` below it, or wherever the package sends it. */
  readonly endpoint: string
  /** The provider, played from memory. */
  readonly fetch: typeof fetch
}

/** What a variant's file gives once it is set up; `openai` is what the application calls. */
export type ReadyVariant = {
  readonly openai: OpenAI
  readonly flush: () => Promise<unknown>
  /** What an application awaits at its end, as the package's documentation says. */
  readonly shutdown: () => Promise<unknown>
}

/** A file of `rivals/variants`, loaded from the folder that holds its packages. */
export type VariantModule = {
  readonly setUp: (options: VariantOptions) => ReadyVariant | Promise<ReadyVariant>
}
