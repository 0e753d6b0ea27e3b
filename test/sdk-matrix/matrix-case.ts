import type { ReceivedSpan } from '../support/otlp-receiver.ts'

/** One behaviour of a provider's client: what an application does, once bare and once wrapped. */
export type MatrixCase<S> = RunCase<S> | InapplicableCase

export type RunCase<S> = {
  readonly name: string
  readonly group: CaseGroup
  /** Answers everything the application sees; it is compared by `snapshot`. */
  run(setting: S): Promise<unknown>
  readonly expected: ExpectedSpans
  /** Where a client behaves otherwise, by the client's label. */
  readonly expectedOn?: Readonly<Record<string, ExpectedSpans>>
  /** Why the case does not apply to a client, by the client's label. */
  readonly reasons?: Readonly<Record<string, string>>
}

/** A behaviour that the provider or its client does not have. */
export type InapplicableCase = {
  readonly name: string
  readonly group: CaseGroup
  readonly reason: string
}

/** `measured`: a case that the rivals were measured by, under the same name. */
export type CaseGroup = 'measured' | 'more'

export type ExpectedSpans = {
  /** Spans of calls to a model; 1 unless given. */
  readonly count?: number
  /** Further spans, as those of `sdk.observe`; 0 unless given. */
  readonly others?: number
  /** `sightline.stream.state` of each call. */
  readonly state?: string
  /** `error.type` of each call; its status is then an error, else it is not. */
  readonly errorType?: string
  /** `provider`: tokens are recorded; `absent`: none, and that is said; else there are none. */
  readonly usage?: 'provider' | 'absent'
  /** Looks at each call's span; `outcome` is what `run` answered without the SDK. */
  readonly check?: (span: ReceivedSpan, outcome: never) => void
  /** Looks at all spans, calls and others. */
  readonly checkAll?: (spans: readonly ReceivedSpan[], outcome: never) => void
}

/** The SDK as a case sees it; without it the same functions only call through. */
export type SdkInCase = {
  readonly observe: <F extends (...args: never[]) => unknown>(options: ObserveOptions, fn: F) => F
  readonly withContext: <R>(values: ContextValues, fn: () => R) => R
}

type ObserveOptions = { readonly name: string; readonly kind?: string }
type ContextValues = {
  readonly session?: string
  readonly user?: string
  readonly tags?: readonly string[]
}

/** What every setting is made of. All URLs are origins without a path. */
export type Base = {
  /** The simulator, with the same seed in every run. */
  readonly url: string
  /** Where nobody listens. */
  readonly deadUrl: string
  /** A provider whose streams begin and never end. */
  readonly held: HeldProvider
  readonly sdk: SdkInCase
  /** For cases in which an option of `wrap` stands for something a bare application does itself. */
  readonly isWrapped: boolean
  /** Wraps a client, or, in the bare run, answers it as it is. Every client of a setting goes through it. */
  readonly prepare: <T extends object>(client: T, options?: object) => T
}

export type HeldProvider = {
  readonly url: string
  /** Settles when the caller has closed the connection of the stream begun last. */
  closed(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

/** A version of a provider's client. */
export type MatrixClient<S> = {
  /** As the table names it, as `openai 7.57.0`. */
  readonly label: string
  /** Called for each run anew, after the meter stands before `globalThis.fetch`. */
  readonly open: (base: Base) => S
}

export type ProviderMatrix<S> = {
  /** Heading of the provider's part of the page. */
  readonly title: string
  readonly clients: readonly MatrixClient<S>[]
  readonly cases: readonly MatrixCase<S>[]
  startHeld(): Promise<HeldProvider>
  /** Headers that differ between equal requests, beside the usual ones. */
  readonly randomHeaders?: readonly string[]
}
