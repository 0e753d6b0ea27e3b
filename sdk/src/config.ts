import { diag } from '@opentelemetry/api'
import type { TracerProvider } from '@opentelemetry/api'
import type { NodeSDKConfiguration } from '@opentelemetry/sdk-node'
import { DEFAULT_CONTENT } from './core/content.ts'
import type { ContentMode, ContentPolicy, Redact } from './core/content.ts'

export type InitOptions = {
  /** Where Sightline listens; `SIGHTLINE_ENDPOINT`, else `http://localhost:4318`. */
  readonly endpoint?: string
  /** The project's key; `SIGHTLINE_API_KEY`. */
  readonly apiKey?: string
  /** `service.name`; else `OTEL_SERVICE_NAME`. */
  readonly service?: string
  /** `deployment.environment.name`. */
  readonly environment?: string
  /** `service.version`: what a release is known by. */
  readonly release?: string
  /** How much of prompts and answers is sent; `SIGHTLINE_CONTENT`, else `full`. */
  readonly content?: ContentMode
  /** Changes content before it is serialised; a throw drops that field. */
  readonly redact?: Redact
  /** Upper limit of one field of content, in bytes; 64,000 unless given. */
  readonly maxContentBytes?: number
  /** Record into this provider, with its exporters, instead of setting one up. */
  readonly tracerProvider?: TracerProvider
  /** OpenTelemetry instrumentations (HTTP, databases and so on) that share the traces. */
  readonly instrumentations?: NodeSDKConfiguration['instrumentations']
  /** Told when spans are given up, and why. */
  readonly onDrop?: (count: number, why: string) => void
  /** `true` turns everything off. */
  readonly disabled?: boolean
  /** The wall clock in epoch milliseconds; simulations and replays move it. */
  readonly now?: () => number
}

export type Config = {
  readonly tracesUrl: URL
  readonly apiKey: string | undefined
  readonly content: ContentPolicy
}

type Environment = Readonly<Record<string, string | undefined>>

const DEFAULT_ENDPOINT = 'http://localhost:4318'
const CONTENT_MODES: ReadonlySet<string> = new Set<ContentMode>(['full', 'redacted', 'none'])

/** Options first, then the environment, then defaults; a faulty value is reported and passed over. */
export function resolveConfig(options: InitOptions, env: Environment = process.env): Config {
  const { redact, maxContentBytes = DEFAULT_CONTENT.maxBytes } = options
  return {
    tracesUrl: resolveUrl(options.endpoint ?? env['SIGHTLINE_ENDPOINT']),
    apiKey: options.apiKey ?? env['SIGHTLINE_API_KEY'],
    content: {
      mode: resolveMode(options.content ?? env['SIGHTLINE_CONTENT']),
      maxBytes: maxContentBytes > 0 ? maxContentBytes : DEFAULT_CONTENT.maxBytes,
      ...(redact === undefined ? {} : { redact }),
    },
  }
}

function resolveUrl(endpoint: string = DEFAULT_ENDPOINT): URL {
  const url = URL.parse(endpoint)
  const isHttp = url?.protocol === 'http:' || url?.protocol === 'https:'
  if (url === null || !isHttp) {
    diag.error(`sightline: endpoint "${endpoint}" is no http(s) URL; using ${DEFAULT_ENDPOINT}`)
    return new URL('/v1/traces', DEFAULT_ENDPOINT)
  }
  if (!url.pathname.endsWith('/v1/traces')) {
    url.pathname = `${url.pathname.replace(/\/+$/, '')}/v1/traces`
  }
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
