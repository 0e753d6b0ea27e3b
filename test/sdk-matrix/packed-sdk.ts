import { inject } from 'vitest'
import type { SdkInCase } from './matrix-case.ts'

/** The part of the SDK's surface that the matrix uses; both modes have it. */
export type PackedSdk = SdkInCase & {
  readonly init: (options: object) => unknown
  readonly shutdown: () => Promise<boolean>
  readonly flush: () => Promise<boolean>
  readonly wrap: <T extends object>(client: T, options?: object) => T
  readonly unwrap: <T extends object>(client: T) => T
}

/** `preset` records through OpenTelemetry's Node SDK, `core` by itself. */
export type Mode = 'preset' | 'core'

const ALL_MODES: readonly Mode[] = ['preset', 'core']

/** Both; for a quicker look, `SIGHTLINE_MATRIX_MODE` names one. */
export const MODES = ALL_MODES.filter(
  (mode) => mode === (process.env['SIGHTLINE_MATRIX_MODE'] ?? mode),
)

/** The SDK from the tarball that `npm pack` makes, as an application imports it. */
export async function importSdk(mode: Mode): Promise<PackedSdk> {
  const file = mode === 'preset' ? 'index.js' : 'core.js'
  const url = `${inject('packedSdk')}/dist/${file}`
  return (await import(/* @vite-ignore */ url)) as PackedSdk
}

/** What stands in for the SDK in a bare run. */
export const NO_SDK: SdkInCase = {
  observe: (_, fn) => fn,
  withContext: (_, fn) => fn(),
}
