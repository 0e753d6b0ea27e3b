import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import chromium, { inflate } from '@sparticuz/chromium'

// Run as a program of its own, because the package unpacks into TMPDIR and nowhere else. The
// libraries it would leave out outside of Amazon's cloud are what a bare machine lacks.
const packageDir = join(
  dirname(createRequire(import.meta.url).resolve('@sparticuz/chromium')),
  '..',
)
await chromium.executablePath()
await inflate(join(packageDir, 'bin', 'al2023.tar.br'))
