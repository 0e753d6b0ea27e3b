import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { SDK_VERSION } from './version.ts'

test('the version that spans carry is the one of the package', async () => {
  const text = await readFile(new URL('../../package.json', import.meta.url), 'utf8')

  expect((JSON.parse(text) as { version: string }).version).toBe(SDK_VERSION)
})
