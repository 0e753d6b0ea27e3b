import type { TracerProvider } from '@opentelemetry/api'
import type { NodeSDKConfiguration } from '@opentelemetry/sdk-node'
import type { CoreOptions } from './core/config.ts'

/**
 * What the Node preset can be told; everything has a default.
 *
 * @example
 * const options: InitOptions = { service: 'support-chat', release: '1.4.0', content: 'redacted' }
 */
export type InitOptions = CoreOptions & {
  /** Record into this provider, with its exporters, instead of setting one up. */
  readonly tracerProvider?: TracerProvider
  /** OpenTelemetry instrumentations (HTTP, databases and so on) that share the traces. */
  readonly instrumentations?: NodeSDKConfiguration['instrumentations']
  /** Further processors of the same spans, such as one that exports them to another place as well. */
  readonly spanProcessors?: NodeSDKConfiguration['spanProcessors']
}
