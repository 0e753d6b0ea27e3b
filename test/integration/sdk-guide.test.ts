import { readFile } from 'node:fs/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { NO_FAILURES } from '../simulator/behaviour.ts'
import { startSimulator } from '../simulator/start-simulator.ts'
import type { Simulator } from '../simulator/start-simulator.ts'
import { startOtlpReceiver } from '../support/otlp-receiver.ts'
import { installSdk } from '../support/sdk-package.ts'
import type { InstalledSdk } from '../support/sdk-package.ts'

const guide = await readFile(new URL('../../docs/sdk.md', import.meta.url), 'utf8')

/** Each program of the guide, under the heading above it. */
const programs = guide
  .split(/^## /m)
  .slice(1)
  .flatMap((section) => {
    const [heading = ''] = section.split('\n', 1)
    return [...section.matchAll(/^```js\n(.*?)^```$/gms)].map(([, source = '']) => ({
      heading,
      source,
    }))
  })

let sdk: InstalledSdk
let simulator: Simulator

beforeAll(async () => {
  sdk = await installSdk()
  simulator = await startSimulator({ seed: 7, speed: 0, failureRates: NO_FAILURES })
})

afterAll(async () => {
  await simulator.close()
  await sdk[Symbol.asyncDispose]()
})

test('the guide has a program for each of its subjects', () => {
  expect(programs.length).toBeGreaterThanOrEqual(12)
})

test.each(programs)('the program under "$heading" runs and is recorded', async ({ source }) => {
  await using receiver = await startOtlpReceiver()

  const { ended } = sdk.start(source, {
    SIGHTLINE_ENDPOINT: receiver.url,
    OPENAI_BASE_URL: `${simulator.url}/v1`,
    OPENAI_API_KEY: 'key',
  })

  const { code, stderr } = await ended
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  expect(receiver.spans.length).toBeGreaterThan(0)
})

test('every page that the guide links to is there, and every heading', async () => {
  const targets = [...guide.matchAll(/\]\((?<target>[^)]+)\)/g)].map(
    (match) => match.groups?.['target'] ?? '',
  )
  const headings = [...guide.matchAll(/^## (?<text>.+)$/gm)].map(
    (match) => `#${(match.groups?.['text'] ?? '').toLowerCase().replaceAll(' ', '-')}`,
  )
  for (const target of targets) {
    if (target.startsWith('#')) expect(headings).toContain(target)
    else await readFile(new URL(`../../docs/${target}`, import.meta.url))
  }
})
