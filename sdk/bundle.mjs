// After `tsc`: joins dist's modules into few files, since loading a hundred of them takes longer than
// running them. Entry points keep their places; types stay one file per module.
import { readdirSync, readFileSync, rmSync } from 'node:fs'
import { join, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { rolldown } from 'rolldown'

const ROOT = fileURLToPath(new URL('.', import.meta.url))
const DIST = join(ROOT, 'dist')

const { exports: subpaths } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'))
const entries = Object.values(subpaths).flatMap((target) =>
  typeof target === 'string' ? [] : [target.default.replace('./dist/', '').replace(/\.js$/, '')],
)

const bundle = await rolldown({
  input: Object.fromEntries(entries.map((name) => [name, join(DIST, `${name}.js`)])),
  external: [/^@opentelemetry\//, /^node:/],
  platform: 'neutral',
  optimization: { inlineConst: { mode: 'all', pass: 3 } },
})
const { output } = await bundle.write({
  dir: DIST,
  format: 'esm',
  entryFileNames: '[name].js',
  chunkFileNames: 'chunks/[name]-[hash].js',
  // Constants become literals, which objects of many fields are made of several times faster; names stay.
  minify: {
    compress: { keepNames: { function: true, class: true } },
    mangle: false,
    codegen: { removeWhitespace: false },
  },
})
await bundle.close()

const written = new Set(output.map(({ fileName }) => fileName))
for (const file of readdirSync(DIST, { recursive: true, encoding: 'utf8' })) {
  const name = file.split(sep).join('/')
  if (name.endsWith('.js') && !written.has(name)) rmSync(join(DIST, file))
}
