import { diag } from '@opentelemetry/api'
import type { Attributes } from '@opentelemetry/api'
import type { CoreOptions, Environment } from './config.ts'
import { environment, nodeProcess } from './platform.ts'
import * as names from './semconv.ts'
import { SDK_VERSION } from './version.ts'

/** Who sends: options first, then the environment; each start is an instance of its own. */
export function resourceOf(options: CoreOptions, env: Environment = environment()): Attributes {
  const { service, environment: stage, release, resourceAttributes } = options
  const isNode = nodeProcess() !== undefined
  return {
    [names.RESOURCE_SERVICE_NAME]: isNode ? 'unknown_service:node' : 'unknown_service',
    'telemetry.sdk.name': 'sightline',
    'telemetry.sdk.language': isNode ? 'nodejs' : 'webjs',
    'telemetry.sdk.version': SDK_VERSION,
    ...parseAttributes(env['OTEL_RESOURCE_ATTRIBUTES'] ?? ''),
    ...named(names.RESOURCE_SERVICE_NAME, env['OTEL_SERVICE_NAME'] || undefined),
    ...resourceAttributes,
    ...named(names.RESOURCE_SERVICE_NAME, service),
    ...named(names.RESOURCE_SERVICE_VERSION, release),
    ...named(names.RESOURCE_ENVIRONMENT, stage),
    [names.RESOURCE_SDK_INSTANCE]: globalThis.crypto.randomUUID(),
  }
}

function named(name: string, value: string | undefined): Attributes {
  return value === undefined ? {} : { [name]: value }
}

/** `key=value` pairs, separated by commas, percent-encoded. One that is none voids all of them. */
function parseAttributes(text: string): Attributes {
  try {
    const pairs = text.split(',').filter((pair) => pair.trim() !== '')
    return Object.fromEntries(pairs.map(parsePair))
  } catch {
    diag.warn(`sightline: OTEL_RESOURCE_ATTRIBUTES "${text}" is not key=value,…; it is passed over`)
    return {}
  }
}

function parsePair(pair: string): [string, string] {
  const at = pair.indexOf('=')
  if (at <= 0) throw new TypeError(`"${pair}" has no key`)
  return [
    decodeURIComponent(pair.slice(0, at).trim()),
    decodeURIComponent(pair.slice(at + 1).trim()),
  ]
}
