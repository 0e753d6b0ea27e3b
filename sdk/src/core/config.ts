import { diag } from '@opentelemetry/api'
import type { Attributes } from '@opentelemetry/api'
import { DEFAULT_CONTENT } from './content.ts'
import type { ContentMode, ContentPolicy, Redact } from './content.ts'
import type { MediaMode } from './media.ts'
import { environment } from './platform.ts'
import type { SamplingOptions } from './sampling.ts'
import { SDK_VERSION } from './version.ts'

/**
 * What both modes can be told; everything has a default.
 *
 * @example
 * const options: CoreOptions = { service: 'support-chat', release: '1.4.0', content: 'redacted' }
 */
export type CoreOptions = SamplingOptions & {
  /** Where Sightline listens; `SIGHTLINE_ENDPOINT`, else `http://localhost:4318`. */
  readonly endpoint?: string | undefined
  /** The project's key; `SIGHTLINE_API_KEY`. */
  readonly apiKey?: string | undefined
  /** `service.name`; else `OTEL_SERVICE_NAME`. */
  readonly service?: string | undefined
  /** `deployment.environment.name`. */
  readonly environment?: string | undefined
  /** `service.version`: what a release is known by. */
  readonly release?: string | undefined
  /** Further attributes of the resource, beside those of `OTEL_RESOURCE_ATTRIBUTES`. */
  readonly resourceAttributes?: Attributes | undefined
  /** How much of prompts and answers is sent; `SIGHTLINE_CONTENT`, else `full`. */
  readonly content?: ContentMode | undefined
  /** Changes content before it is serialised, at once or later; a throw drops that field. */
  readonly redact?: Redact | undefined
  /** Upper limit of one field of content, in bytes; 64,000 unless given. */
  readonly maxContentBytes?: number | undefined
  /** What becomes of images, audio and files in content; `hash` unless given. */
  readonly media?: MediaMode | undefined
  /** Told when spans or scores are given up, and why. */
  readonly onDrop?: ((count: number, why: string) => void) | undefined
  /** Given a promise whenever there is something to send: `waitUntil` of a serverless platform. */
  readonly waitUntil?: ((promise: Promise<unknown>) => void) | undefined
  /** `true` turns everything off. */
  readonly disabled?: boolean | undefined
  /** The wall clock in epoch milliseconds; simulations and replays move it. */
  readonly now?: (() => number) | undefined
}

/** Where records go, and how much of their content. */
export type Config = {
  readonly tracesUrl: URL
  readonly logsUrl: URL
  readonly headers: Readonly<Record<string, string>>
  readonly content: ContentPolicy
}

export type Environment = Readonly<Record<string, string | undefined>>

/** Off by option, or by the variable that turns off every OpenTelemetry SDK. */
export function isTurnedOff(options: CoreOptions, env: Environment = environment()): boolean {
  return options.disabled === true || env['OTEL_SDK_DISABLED']?.trim().toLowerCase() === 'true'
}

const DEFAULT_ENDPOINT = 'http://localhost:4318'
const CONTENT_MODES: ReadonlySet<string> = new Set<ContentMode>(['full', 'redacted', 'none'])

/** Options first, then the environment, then defaults; a faulty value is reported and passed over. */
export function resolveConfig(options: CoreOptions, env: Environment = environment()): Config {
  const { redact, media, maxContentBytes = DEFAULT_CONTENT.maxBytes } = options
  const base = resolveEndpoint(options.endpoint ?? env['SIGHTLINE_ENDPOINT'])
  const apiKey = (options.apiKey ?? env['SIGHTLINE_API_KEY'])?.trim() || undefined
  return {
    tracesUrl: urlOf(base, 'traces'),
    logsUrl: urlOf(base, 'logs'),
    headers: {
      'user-agent': `sightline-sdk/${SDK_VERSION}`,
      ...(apiKey === undefined ? {} : { 'x-api-key': apiKey }),
    },
    content: {
      ...DEFAULT_CONTENT,
      mode: resolveMode(options.content ?? env['SIGHTLINE_CONTENT']),
      maxBytes: maxContentBytes > 0 ? maxContentBytes : DEFAULT_CONTENT.maxBytes,
      ...(redact === undefined ? {} : { redact }),
      ...(media === undefined ? {} : { media }),
    },
  }
}

function resolveEndpoint(endpoint: string = DEFAULT_ENDPOINT): URL {
  const url = toUrl(endpoint)
  if (url?.protocol === 'http:' || url?.protocol === 'https:') return url
  diag.error(`sightline: endpoint "${endpoint}" is no http(s) URL; using ${DEFAULT_ENDPOINT}`)
  return new URL(DEFAULT_ENDPOINT)
}

function toUrl(text: string): URL | undefined {
  try {
    return new URL(text)
  } catch {
    return undefined
  }
}

/** Endpoints are given with and without the path of a signal. */
function urlOf(base: URL, signal: 'traces' | 'logs'): URL {
  const url = new URL(base)
  const path = url.pathname.replace(/\/v1\/(?:traces|logs)\/?$/, '').replace(/\/+$/, '')
  url.pathname = `${path}/v1/${signal}`
  return url
}

/** An unknown mode sends nothing: whoever misspells "none" must not find prompts on the wire. */
function resolveMode(mode: string = DEFAULT_CONTENT.mode): ContentMode {
  if (isContentMode(mode)) return mode
  diag.error(`sightline: content "${mode}" is none of full, redacted, none; sending no content`)
  return 'none'
}

function isContentMode(mode: string): mode is ContentMode {
  return CONTENT_MODES.has(mode)
}
