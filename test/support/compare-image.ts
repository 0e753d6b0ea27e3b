import { existsSync } from 'node:fs'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import pixelmatch from 'pixelmatch'
import { PNG } from 'pngjs'
import { REPOSITORY } from './server-process.ts'

const KEPT = join(REPOSITORY, 'docs/screenshots')
/** What was seen and what differs, of pictures that were not as kept. */
const DIFFERENT = join(REPOSITORY, '.sightline/screenshots')

export type Comparison = { differing: number; share: number; seen: string; difference: string }

/**
 * Compares a PNG with the kept one of that name; with SIGHTLINE_UPDATE_SCREENSHOTS=1 it becomes the
 * kept one. Throws where none is kept or the size is another.
 */
export async function compareImage(name: string, bytes: Buffer): Promise<Comparison> {
  const keptFile = join(KEPT, `${name}.png`)
  const files = {
    seen: join(DIFFERENT, `${name}.png`),
    difference: join(DIFFERENT, `${name}.difference.png`),
  }
  if (process.env['SIGHTLINE_UPDATE_SCREENSHOTS'] === '1') {
    await writeFile(keptFile, bytes)
    return { differing: 0, share: 0, ...files }
  }
  if (!existsSync(keptFile)) {
    throw new Error(`${name}: no picture is kept; set SIGHTLINE_UPDATE_SCREENSHOTS=1 to keep this`)
  }
  const seen = PNG.sync.read(bytes)
  const kept = PNG.sync.read(await readFile(keptFile))
  const { width, height } = seen
  if (kept.width !== width || kept.height !== height) {
    await save(files.seen, bytes)
    throw new Error(
      `${name}: ${width} × ${height} pixels instead of ${kept.width} × ${kept.height}; see ${files.seen}`,
    )
  }
  const picture = new PNG({ width, height })
  const differing = pixelmatch(seen.data, kept.data, picture.data, width, height, {
    threshold: 0.1,
  })
  if (differing > 0) {
    await save(files.seen, bytes)
    await save(files.difference, PNG.sync.write(picture))
  }
  return { differing, share: differing / (width * height), ...files }
}

async function save(file: string, bytes: Buffer): Promise<void> {
  await mkdir(dirname(file), { recursive: true })
  await writeFile(file, bytes)
}
