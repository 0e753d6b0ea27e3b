import { pathToFileURL } from 'node:url'
import type { TestProject } from 'vitest/node'
import { installSdk } from '../support/sdk-package.ts'
import type { InstalledSdk } from '../support/sdk-package.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** File URL of the unpacked package's folder. */
    packedSdk: string
  }
}

let packed: InstalledSdk | undefined

/** Packs and unpacks the SDK once for the whole run; vitest calls it by its name. */
export async function setup(project: TestProject): Promise<void> {
  packed = await installSdk()
  project.provide('packedSdk', pathToFileURL(packed.packageFolder).href)
}

export async function teardown(): Promise<void> {
  await packed?.[Symbol.asyncDispose]()
}
