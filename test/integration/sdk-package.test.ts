import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core'
import { publint } from 'publint'
import { rolldown } from 'rolldown'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { undocumentedExports } from '../support/exported-docs.ts'
import { lockedPackages } from '../support/locked-packages.ts'
import { installSdk } from '../support/sdk-package.ts'
import type { InstalledSdk } from '../support/sdk-package.ts'
import { typeErrorsOf } from '../support/type-errors.ts'

const MAX_CORE_BYTES = 40_000
const EXACT = /^\d+\.\d+\.\d+$/

type Manifest = {
  readonly dependencies: Readonly<Record<string, string>>
  readonly exports: Readonly<Record<string, string | { readonly types: string; default: string }>>
}

let sdk: InstalledSdk
let manifest: Manifest

beforeAll(async () => {
  sdk = await installSdk()
  manifest = JSON.parse(await readFile(join(sdk.packageFolder, 'package.json'), 'utf8'))
})

afterAll(async () => {
  await sdk[Symbol.asyncDispose]()
})

/** What `@sightline/sdk/…` names, with the file behind it. */
function subpaths(): [name: string, types: string, code: string][] {
  return Object.entries(manifest.exports).flatMap(([name, target]) =>
    typeof target === 'string' ? [] : [[name, target.types, target.default] as const],
  ) as [string, string, string][]
}

/** An application's bundle of some code that uses the package. */
async function bundle(source: string): Promise<{ code: string; imports: string[] }> {
  const bundled = await rolldown({
    input: 'app',
    platform: 'neutral',
    external: ['@opentelemetry/api'],
    plugins: [
      {
        name: 'app',
        resolveId: (id) => (id === 'app' ? join(sdk.packageFolder, '../../../app.js') : null),
        load: (id) => (id.endsWith('app.js') ? source : null),
      },
    ],
    onLog: (_level, log) => {
      throw new Error(log.message)
    },
  })
  const { output } = await bundled.generate({ format: 'esm', minify: true })
  await bundled.close()
  const chunks = output.filter((part) => part.type === 'chunk')
  return {
    code: chunks.map(({ code }) => code).join('\n'),
    imports: [...new Set(chunks.flatMap((chunk) => [...chunk.imports, ...chunk.dynamicImports]))],
  }
}

describe('the packed package', () => {
  test('has nothing that publint minds', async () => {
    const { messages } = await publint({
      pkgDir: sdk.packageFolder,
      level: 'suggestion',
      strict: true,
      pack: false,
    })

    expect(messages).toEqual([])
  })

  test('has types that are not wrong, for whoever imports ECMAScript modules', async () => {
    const tarball = new Uint8Array(await readFile(sdk.tarball))
    const analysis = await checkPackage(createPackageFromTarballData(tarball))

    if (analysis.types === false) throw new Error('the package has no types')
    // CommonJS and the resolution of Node 10 are what a package of ECMAScript modules leaves behind.
    const problems = analysis.problems.filter(
      (problem) =>
        !('resolutionKind' in problem) ||
        problem.resolutionKind === 'node16-esm' ||
        problem.resolutionKind === 'bundler',
    )
    expect(problems).toEqual([])
    expect(Object.keys(analysis.entrypoints)).toEqual(Object.keys(manifest.exports))
  })

  test('names every part it exports by files that are in it', () => {
    const names = subpaths().map(([name]) => name)

    expect(names).toEqual(expect.arrayContaining(['.', './core', './attributes', './openai']))
    for (const [, types, code] of subpaths()) {
      expect(sdk.files).toContain(types.replace('./', ''))
      expect(sdk.files).toContain(code.replace('./', ''))
    }
  })

  test('depends on exact versions, but for the API, of which an application may hold one copy', () => {
    const { '@opentelemetry/api': api, ...others } = manifest.dependencies

    expect(api).toBe('^1.9.0')
    for (const version of Object.values(others)) expect(version).toMatch(EXACT)
  })

  test('installs at most two packages more than OpenTelemetry’s Node SDK alone', async () => {
    const alone = await lockedPackages('node_modules/@opentelemetry/sdk-node')

    const ours = await lockedPackages('sdk')

    expect(alone.size).toBeGreaterThan(20)
    expect(ours.size).toBeLessThanOrEqual(alone.size + 2)
  })
})

describe('the core', () => {
  test('is at most 40 kB, bundled and gzipped, and imports nothing but the OpenTelemetry API', async () => {
    const { code, imports } = await bundle(`export * from '@sightline/sdk/core'`)

    expect(imports).toEqual(['@opentelemetry/api'])
    expect(gzipSync(code, { level: 9 }).byteLength).toBeLessThanOrEqual(MAX_CORE_BYTES)
  })

  test('names no module of Node, which browsers and edge runtimes do not have', async () => {
    const { code } = await bundle(`export * from '@sightline/sdk/core'`)

    expect(code).not.toMatch(/(?:from|import|require)\s*\(?\s*["'`]node:/)
  })

  test('leaves out of a bundle what an application does not use', async () => {
    const whole = await bundle(`export * from '@sightline/sdk/core'`)

    const part = await bundle(`export { observe } from '@sightline/sdk/core'`)

    expect(part.code.length).toBeLessThan(whole.code.length / 2)
  })
})

test('every export of every part says what it does and shows how it is used', () => {
  const undocumented = subpaths().flatMap(([name, types]) =>
    undocumentedExports(join(sdk.packageFolder, types)).map((symbol) => `${name} ${symbol}`),
  )

  expect(undocumented).toEqual([])
})

describe('an application in TypeScript', () => {
  const APPLICATION = `
    import OpenAI from 'openai'
    import { init, observe, unwrap, withContext, wrap } from '@sightline/sdk'
    import type { InitOptions, ObservedSpan, Sightline } from '@sightline/sdk'
    import * as core from '@sightline/sdk/core'
    import { wrapOpenAI } from '@sightline/sdk/openai'

    type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false
    const same = <A, B>(_: Same<A, B>): void => undefined

    const options: InitOptions = { service: 'app', content: 'redacted' }
    const running: Sightline = init(options)
    class MyClient extends OpenAI { readonly mine = 1 }
    const client = wrap(new MyClient())
    same<typeof client, MyClient>(true)
    same<ReturnType<typeof unwrap<MyClient>>, MyClient>(true)
    same<ReturnType<typeof wrapOpenAI<MyClient>>, MyClient>(true)
    same<ReturnType<typeof core.wrap<MyClient>>, MyClient>(true)
    const answer = observe({ name: 'answer' }, async (question: string, span: ObservedSpan) => {
      span.set('length', question.length)
      return question.length
    })
    same<typeof answer, (question: string) => Promise<number>>(true)
    // A parameter without a type is complained about where it is used; the function can still be called.
    const search = observe({ name: 'search' }, (query: string, span) => {
      // @ts-expect-error -- unknown
      span.set('length', query.length)
      return query
    })
    same<ReturnType<typeof search>, string>(true)
    const bare = observe({ name: 'bare' }, (query) => typeof query)
    bare('q')
    class Shop {
      readonly name = 'shop'
      readonly find = observe({ name: 'find' }, function (this: Shop, id?: number) {
        return [this.name, id]
      })
    }
    new Shop().find(7)
    // @ts-expect-error -- no number
    new Shop().find('7')
    const inside = withContext({ session: 's' }, () => 7)
    same<typeof inside, number>(true)
    // @ts-expect-error -- no such mode
    init({ content: 'everything' })
    // @ts-expect-error -- no client
    wrap('no client')
    export const end: Promise<boolean> = running.shutdown({ timeoutMs: 1 })
  `

  test.each([
    ['node16', 'node16'],
    ['esnext', 'bundler'],
  ])(
    'compiles against it with module %s, resolution %s, and checks its types too',
    (...options) => {
      const [module, moduleResolution] = options

      const errors = typeErrorsOf(APPLICATION, {
        folder: join(sdk.packageFolder, '../../..'),
        compilerOptions: { module, moduleResolution },
      })

      expect(errors).toEqual([])
    },
  )
})
