import { gzipSync } from 'node:zlib'
import { rolldown } from 'rolldown'

/** `/core` of the installed package, bundled and minified; nothing but OpenTelemetry's API stays outside. */
export async function coreBundleBytes(folder: string): Promise<number> {
  const bundle = await rolldown({
    input: `${folder}/node_modules/@sightline/sdk/dist/core.js`,
    external: ['@opentelemetry/api'],
  })
  try {
    const { output } = await bundle.generate({ format: 'esm', minify: true })
    return output.reduce((total, part) => {
      return total + (part.type === 'chunk' ? gzipSync(part.code).length : 0)
    }, 0)
  } finally {
    await bundle.close()
  }
}
