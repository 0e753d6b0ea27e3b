import { readFile } from 'node:fs/promises'

type Locked = {
  readonly version?: string
  readonly link?: boolean
  readonly dependencies?: Readonly<Record<string, string>>
  readonly optionalDependencies?: Readonly<Record<string, string>>
  readonly peerDependencies?: Readonly<Record<string, string>>
  readonly peerDependenciesMeta?: Readonly<Record<string, { readonly optional?: boolean }>>
}

type Lock = { readonly packages: Readonly<Record<string, Locked>> }

/**
 * The packages that npm installs for one place of our lock file (a workspace, or a package in
 * `node_modules`), itself included: `name@version`.
 */
export async function lockedPackages(place: string): Promise<Set<string>> {
  const lock = new URL('../../package-lock.json', import.meta.url)
  const { packages }: Lock = JSON.parse(await readFile(lock, 'utf8'))
  const places = new Set<string>([place])
  for (const at of places) {
    for (const name of namesNeededBy(packages[at])) places.add(find(packages, at, name))
  }
  return new Set([...places].map((at) => `${nameOf(at)}@${packages[at]?.version ?? ''}`))
}

function namesNeededBy(locked: Locked | undefined): string[] {
  const { dependencies = {}, optionalDependencies = {}, peerDependencies = {} } = locked ?? {}
  const peers = Object.keys(peerDependencies).filter(
    (name) => locked?.peerDependenciesMeta?.[name]?.optional !== true,
  )
  return [...Object.keys(dependencies), ...Object.keys(optionalDependencies), ...peers]
}

/** As Node looks for it: beside, then further up. */
function find(packages: Lock['packages'], from: string, name: string): string {
  for (
    let folder = from;
    ;
    folder = folder.replace(/(?:^|\/)(?:node_modules\/)?(?:@[^/]+\/)?[^/]+$/, '')
  ) {
    const place = `${folder === '' ? '' : `${folder}/`}node_modules/${name}`
    if (packages[place] !== undefined) return place
    if (folder === '') throw new Error(`the lock file has no ${name} for ${from}`)
  }
}

function nameOf(place: string): string {
  return place.split('node_modules/').at(-1) ?? place
}
