import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseCLI, startVitest } from 'vitest/node'
import { countResults, closingLine } from './support/count-results.ts'

/**
 * `npm test`: every project, and its sum as the last line. File names and vitest's own options
 * narrow it: `npm test -- --project unit server/alerts`.
 */
async function main(args: string[]): Promise<number> {
  const { filter, options } = parseCLI(['vitest', ...args])
  const vitest = await startVitest(filter, { ...options, watch: false, run: true })
  const counts = countResults(vitest.state.getTestModules(), vitest.state.getUnhandledErrors())
  await vitest.close()
  process.stdout.write(`\n${closingLine(counts)}\n`)
  return counts.failed > 0 || counts.passed === 0 ? 1 : 0
}

// Some five hundred programs are started, most of them of the same files.
process.env['NODE_COMPILE_CACHE'] ??= join(tmpdir(), 'sightline-compile-cache')
// The launcher may be killed: nobody is left to want the result.
process.on('disconnect', () => process.exit(1))
process.exit(await main(process.argv.slice(2)))
