import { SDK_VERSION } from '@sightline/sdk/attributes'
import type { SpanAttributes } from './span-record.ts'

/** How the demo application introduces itself. */
export const SERVICE = 'support-chat'
export const ENVIRONMENT = 'production'
export const CURRENT_RELEASE = '2.7.0'
export const PREVIOUS_RELEASE = '2.6.3'
export const PROMPT_NAME = 'support-answer'
export const PROMPT_VERSION = '12'

/** The newest release has been live for this long when history ends. */
export const RELEASE_AGE_MS = 9 * 3_600_000

/** The resource that the SDK sends for this application; what `init` adds by itself included. */
export function appResource(release: string, instance: string): SpanAttributes {
  return {
    'service.name': SERVICE,
    'telemetry.sdk.language': 'nodejs',
    'telemetry.sdk.name': 'sightline',
    'telemetry.sdk.version': SDK_VERSION,
    'sightline.sdk.instance': instance,
    'service.version': release,
    'deployment.environment.name': ENVIRONMENT,
  }
}
