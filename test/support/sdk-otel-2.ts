import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { installLocked } from './locked-install.ts'
import { installSdk } from './sdk-package.ts'
import type { InstalledSdk } from './sdk-package.ts'

const FIXTURE = new URL('../fixtures/otel-2/', import.meta.url)
const OURS = fileURLToPath(new URL('../../node_modules', import.meta.url))

/**
 * - `nested`: what npm makes of an application on OpenTelemetry JS 2.x, whose API is 1.9. Our OpenTelemetry 3.x
 *   needs 1.10, so it lies with us, and there are two copies of the API.
 * - `shared`: the same without our OpenTelemetry; one copy of the API, the application's.
 * - `api`: an application that has API 1.9 through some package, and no OpenTelemetry SDK.
 */
type Layout = 'nested' | 'shared' | 'api'

/** The packed SDK in an application on the API of OpenTelemetry JS 2.x. */
export async function installSdkBesideOtel2(layout: Layout): Promise<InstalledSdk> {
  const [manifest, lock] = await Promise.all(
    ['package.json', 'package-lock.json'].map((name) => readFile(new URL(name, FIXTURE), 'utf8')),
  )
  const folder = await installLocked(manifest ?? '', lock ?? '')
  const theirs = layout === 'api' ? '@opentelemetry/api' : '@opentelemetry'
  return installSdk({
    beside: {
      [theirs]: join(folder, 'node_modules', theirs),
      openai: join(OURS, 'openai'),
    },
    inside: layout === 'shared' ? {} : { '@opentelemetry': join(OURS, '@opentelemetry') },
  })
}
