import { createHash } from 'node:crypto'
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmdirSync,
} from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Layout } from './layout.ts'
import { canEnter, giveTo } from './server-user.ts'
import type { ServerUser } from './server-user.ts'

export type Listener = { host: string; port: number; password?: string }

// 108 bytes on Linux, 104 on macOS, with the closing zero.
const MAX_SOCKET_PATH_BYTES = 103
const SOCKET_PORT = 5432

/** A unix socket that only the database's user can enter; where there are none, loopback. */
export async function chooseListener(layout: Layout, user: ServerUser): Promise<Listener> {
  if (process.platform === 'win32') {
    const password = readFileSync(layout.password, 'utf8').trim()
    return { host: '127.0.0.1', port: await findFreePort(), password }
  }
  return { host: chooseSocketDir(layout, user), port: SOCKET_PORT }
}

export function socketPath(host: string, port: number): string {
  return join(host, `.s.PGSQL.${port}`)
}

/** A folder outside of the database's own is not left behind; with anything in it, it stays. */
export function removeForeignSocketDir(layout: Layout, host: string): void {
  if (!host.startsWith('/') || host === layout.sockets || !existsSync(host)) return
  if (readdirSync(host).length === 0) rmdirSync(host)
}

function chooseSocketDir(layout: Layout, user: ServerUser): string {
  if (fits(layout.sockets)) {
    makePrivate(layout.sockets, user)
    if (canEnter(user, layout.sockets)) return layout.sockets
  }
  const hash = createHash('sha256').update(layout.root).digest('hex').slice(0, 12)
  for (const parent of [tmpdir(), '/tmp']) {
    const folder = join(parent, `sightline-${hash}`)
    if (!existsSync(parent) || !fits(folder) || !canEnter(user, parent)) continue
    return makePrivate(folder, user) ? folder : makePrivateAnew(folder, user)
  }
  throw new Error(
    `no folder for the database's socket: ${layout.sockets} and ${tmpdir()} are longer than ` +
      `${MAX_SOCKET_PATH_BYTES} bytes or closed to the database's user; set SIGHTLINE_DATA_DIR to a shorter path`,
  )
}

/** The setting is a comma-separated list with quotes, hence the two characters. */
function fits(folder: string): boolean {
  const isShort = Buffer.byteLength(socketPath(folder, SOCKET_PORT)) <= MAX_SOCKET_PATH_BYTES
  return isShort && !/[",]/.test(folder)
}

/** False when somebody else made the folder first (in a shared /tmp anybody can). */
function makePrivate(folder: string, user: ServerUser): boolean {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const found = lstatSync(folder)
  const trusted = [process.getuid?.(), user?.uid]
  if (!found.isDirectory() || !trusted.includes(found.uid)) return false
  giveTo(user, folder)
  chmodSync(folder, 0o700)
  return true
}

function makePrivateAnew(name: string, user: ServerUser): string {
  const folder = mkdtempSync(`${name}-`)
  giveTo(user, folder)
  return folder
}

async function findFreePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(0, '127.0.0.1', resolve)
  })
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  if (address === null || typeof address === 'string') throw new Error('no free port on 127.0.0.1')
  return address.port
}
