import { installOurs, installRival, placeVariants } from './packages.ts'
import type { PackageSet } from './packages.ts'
import type { SinkOptions } from './sink-client.ts'

export type Variant = {
  readonly name: string
  /** Its file in `rivals/variants`. */
  readonly file: string
  /** The folder of `rivals` with its packages; `sightline` is our packed tarball. */
  readonly packages: string
  readonly kind: 'ours' | 'floor' | 'rival'
  /** How the sink answers; an OpenTelemetry collector says nothing of what it accepts. */
  readonly sink?: SinkOptions
  /** Only shows what compression and JSON cost, which the two chats tell. */
  readonly isAside?: boolean
}

/** As our own collector answers. */
const STRUCTURED = { 'sightline-accepts': 'structured-content' }
const SIGHTLINE: SinkOptions = { headers: { ...STRUCTURED, 'accept-encoding': 'gzip, zstd' } }

/**
 * Ours in both modes before a collector that answers as ours does; `/core` also before any other (gzip) and
 * before one that refuses compression (plain); one bare span written by hand, sent as protobuf and as JSON;
 * the rivals.
 */
export const VARIANTS: readonly Variant[] = [
  {
    name: 'sightline-core',
    file: 'sightline-core',
    packages: 'sightline',
    kind: 'ours',
    sink: SIGHTLINE,
  },
  {
    name: 'sightline-core, gzip',
    file: 'sightline-core',
    packages: 'sightline',
    kind: 'ours',
    isAside: true,
  },
  {
    name: 'sightline-core, plain',
    file: 'sightline-core',
    packages: 'sightline',
    kind: 'ours',
    sink: { mode: 'plain', headers: STRUCTURED },
    isAside: true,
  },
  {
    name: 'sightline-node',
    file: 'sightline-node',
    packages: 'sightline',
    kind: 'ours',
    sink: SIGHTLINE,
  },
  { name: 'floor', file: 'floor', packages: 'floor', kind: 'floor' },
  { name: 'floor-json', file: 'floor-json', packages: 'floor', kind: 'floor', isAside: true },
  { name: 'traceloop', file: 'traceloop', packages: 'traceloop', kind: 'rival' },
  { name: 'langfuse', file: 'langfuse', packages: 'langfuse', kind: 'rival' },
  { name: 'openinference', file: 'openinference', packages: 'openinference', kind: 'rival' },
  { name: 'openlit', file: 'openlit', packages: 'openlit', kind: 'rival' },
]

export type Installed = {
  readonly none: PackageSet
  readonly ours: PackageSet & { readonly packedBytes: number }
  /** `@opentelemetry/sdk-node` and the client, to compare the number of packages. */
  readonly sdkNode: PackageSet
  readonly sets: ReadonlyMap<string, PackageSet>
  /** The application without anything. */
  readonly bareFile: string
  fileOf(variant: Variant): string
}

export async function installAll(): Promise<Installed> {
  const none = await installRival('none')
  const ours = await installOurs()
  const sets = new Map<string, PackageSet>([['sightline', ours]])
  for (const { packages } of VARIANTS) {
    if (!sets.has(packages)) sets.set(packages, await installRival(packages))
  }
  for (const { folder } of [none, ...sets.values()]) await placeVariants(folder)
  return {
    none,
    ours,
    sdkNode: await installRival('sdk-node'),
    sets,
    bareFile: `${none.folder}/variants/none.mjs`,
    fileOf: ({ packages, file }) => `${sets.get(packages)?.folder}/variants/${file}.mjs`,
  }
}
