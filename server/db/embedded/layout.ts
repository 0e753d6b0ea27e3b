import { join, resolve } from 'node:path'

/** Where everything of one embedded database lies. */
export type Layout = {
  root: string
  cluster: string
  /** initdb works here; a rename makes it the cluster, so a half-made one is never taken for one. */
  unfinishedCluster: string
  sockets: string
  binaries: string
  holders: string
  lock: string
  log: string
  password: string
}

export function layoutOf(dataDir: string): Layout {
  const root = resolve(dataDir)
  return {
    root,
    cluster: join(root, 'data'),
    unfinishedCluster: join(root, 'data.unfinished'),
    sockets: join(root, 'run'),
    binaries: join(root, 'binaries'),
    holders: join(root, 'holders'),
    lock: join(root, 'lock'),
    log: join(root, 'postgres.log'),
    password: join(root, 'password'),
  }
}
