import { writeFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'

export type Figures = Record<string, unknown>
type Bench = () => Promise<Figures>

const BENCHES: Record<string, () => Promise<{ run: Bench }>> = {
  ingest: () => import('./ingest.bench.ts'),
  live: () => import('./live.bench.ts'),
  web: () => import('./web.bench.ts'),
}

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { json: { type: 'string' } },
})
const [name = ''] = positionals
const load = BENCHES[name]
if (load === undefined) {
  process.stderr.write(
    `unknown benchmark '${name}'; there are: ${Object.keys(BENCHES).join(', ')}\n`,
  )
  process.exit(1)
}
const figures = await (await load()).run()
const text = `${JSON.stringify(figures, null, 2)}\n`
process.stdout.write(text)
if (values.json !== undefined) await writeFile(values.json, text)
process.exit(0)
