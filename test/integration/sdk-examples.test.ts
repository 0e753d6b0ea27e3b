import { readdirSync, readFileSync } from 'node:fs'
import process from 'node:process'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { NO_FAILURES } from '../simulator/behaviour.ts'
import { startSimulator } from '../simulator/start-simulator.ts'
import type { Simulator } from '../simulator/start-simulator.ts'
import { findNode22 } from '../support/node-22.ts'
import { startOtlpReceiver } from '../support/otlp-receiver.ts'
import type { ReceivedSpan } from '../support/otlp-receiver.ts'
import { installSdk } from '../support/sdk-package.ts'
import type { InstalledSdk } from '../support/sdk-package.ts'

const PAGES = new URL('../../docs/sdk/', import.meta.url)

/** Each page of the guide, with OpenTelemetry's names of the providers whose calls its program makes. */
const PROVIDERS: Readonly<Record<string, readonly string[]>> = {
  'anthropic.md': ['anthropic'],
  'azure.md': ['azure.ai.openai'],
  'google-genai.md': ['gcp.gemini'],
  'in-house-models.md': ['custom', 'onnx'],
  'ollama.md': ['ollama'],
  'openai.md': ['openai'],
}

let sdk: InstalledSdk
let simulator: Simulator
let node22: string

beforeAll(async () => {
  sdk = await installSdk()
  node22 = await findNode22()
  simulator = await startSimulator({ seed: 7, speed: 0, failureRates: NO_FAILURES })
})

afterAll(async () => {
  await simulator.close()
  await sdk[Symbol.asyncDispose]()
})

/** Where each client looks for its provider, by its own variable. */
function providersEnv(): Record<string, string> {
  const { url } = simulator
  return {
    ANTHROPIC_API_KEY: 'key',
    ANTHROPIC_BASE_URL: url,
    AZURE_OPENAI_API_KEY: 'key',
    AZURE_OPENAI_ENDPOINT: url,
    OPENAI_API_VERSION: '2026-10-01',
    GEMINI_API_KEY: 'key',
    GOOGLE_GEMINI_BASE_URL: url,
    OLLAMA_HOST: url,
    OPENAI_API_KEY: 'key',
    OPENAI_BASE_URL: `${url}/v1`,
  }
}

function programOf(page: string): string {
  const text = readFileSync(new URL(page, PAGES), 'utf8')
  const programs = [...text.matchAll(/^```js\n(?<source>[^]*?)^```/gm)]
  expect(programs).toHaveLength(1)
  return programs[0]?.groups?.['source'] ?? ''
}

const isModelCall = ({ attributes }: ReceivedSpan) => 'gen_ai.request.model' in attributes

test('there is a page for every provider, and each is run', () => {
  const manifest = new URL('../../sdk/package.json', import.meta.url)
  const { exports } = JSON.parse(readFileSync(manifest, 'utf8')) as { exports: object }
  const others = new Set(['.', './core', './attributes', './package.json'])
  const providers = Object.keys(exports).filter((name) => !others.has(name))

  expect(readdirSync(PAGES).toSorted()).toEqual(Object.keys(PROVIDERS))
  for (const name of providers) expect(PROVIDERS).toHaveProperty([`${name.slice(2)}.md`])
})

describe.each(Object.entries(PROVIDERS))('the program in docs/sdk/%s', (page, providers) => {
  test.each(['the running Node', 'the oldest Node'])(
    'runs as it stands under %s, and its calls arrive',
    async (name) => {
      await using receiver = await startOtlpReceiver()
      const env = { ...providersEnv(), SIGHTLINE_ENDPOINT: receiver.url }
      const node = name === 'the oldest Node' ? node22 : process.execPath

      const { code, stderr, stdout } = await sdk.start(programOf(page), env, node).ended

      expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
      expect(stdout.trim()).not.toBe('')
      const calls = receiver.spans.filter(isModelCall)
      const named = calls.map(({ attributes }) => String(attributes['gen_ai.provider.name']))
      expect([...new Set(named)].toSorted()).toEqual(providers)
      expect(receiver.spans.filter(({ statusCode }) => statusCode === 2)).toEqual([])
      expect(receiver.spans.every(({ scope }) => scope.name === 'sightline')).toBe(true)
      expect(calls.some(({ attributes }) => 'gen_ai.input.messages' in attributes)).toBe(true)
      expect(calls.some(({ attributes }) => 'gen_ai.output.messages' in attributes)).toBe(true)
    },
  )
})
