import { writeFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'

export type Figures = Record<string, unknown>
type Options = { readonly quick: boolean; readonly full: boolean; readonly only?: string }
type Bench = (options: Options) => Promise<Figures>

const BENCHES: Record<string, () => Promise<{ run: Bench }>> = {
  ingest: () => import('./ingest.bench.ts'),
  live: () => import('./live.bench.ts'),
  sdk: () => import('./sdk.bench.ts'),
  web: () => import('./web.bench.ts'),
}

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    json: { type: 'string' },
    // Of the benchmark `sdk`: a smoke test, all of it, or some of its parts.
    quick: { type: 'boolean', default: false },
    full: { type: 'boolean', default: false },
    only: { type: 'string' },
  },
})
const [name = ''] = positionals
const load = BENCHES[name]
if (load === undefined) {
  process.stderr.write(
    `unknown benchmark '${name}'; there are: ${Object.keys(BENCHES).join(', ')}\n`,
  )
  process.exit(1)
}
const { json, ...options } = values
const figures = await (await load()).run(options)
const text = `${JSON.stringify(figures, null, 2)}\n`
process.stdout.write(text)
if (json !== undefined) await writeFile(json, text)
process.exit(0)
