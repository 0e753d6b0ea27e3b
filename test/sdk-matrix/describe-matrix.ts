import { describe, expect, test } from 'vitest'
import type { ProviderMatrix, RunCase } from './matrix-case.ts'
import { readSection, renderSection, writeSection } from './matrix-page.ts'
import type { CellResult } from './matrix-page.ts'
import { MODES } from './packed-sdk.ts'
import type { Mode } from './packed-sdk.ts'
import { checkSpans, runBare, runWrapped } from './run-case.ts'

/**
 * The tests of one provider: each case on each version of its client, without the SDK and with it in both
 * modes. The last test holds docs/sdk-behaviour.md to what was seen.
 */
export function describeMatrix<S>(matrix: ProviderMatrix<S>): void {
  const results: CellResult[] = []

  describe.each(matrix.clients)('$label', (client) => {
    const cases = matrix.cases
      .filter((item): item is RunCase<S> => 'run' in item)
      .filter(({ reasons }) => reasons?.[client.label] === undefined)

    test.each(cases)('$name', async (runCase) => {
      const task = { matrix, client, runCase }
      const expected = runCase.expectedOn?.[client.label] ?? runCase.expected
      const bare = await runBare(task)
      const failures: unknown[] = []
      for (const mode of MODES) {
        const wrapped = await runWrapped(task, mode)
        const untouched = attempt(failures, mode, () => expect(wrapped.seen).toEqual(bare.seen))
        const right = attempt(failures, mode, () =>
          checkSpans(wrapped.spans, expected, bare.outcome),
        )
        results.push({ case: runCase.name, client: client.label, mode, untouched, right })
      }
      if (failures.length > 0) throw failures[0]
    })
  })

  test('docs/sdk-behaviour.md says what was seen (else: SIGHTLINE_WRITE_DOCS=1 vitest run --project matrix --no-file-parallelism)', () => {
    const section = renderSection(matrix, results)
    if (process.env['SIGHTLINE_WRITE_DOCS'] === '1') writeSection(matrix.title, section)
    expect(readSection(matrix.title)).toBe(section)
  })
}

/** Both halves of a cell are looked at, whatever the other shows. */
function attempt(failures: unknown[], mode: Mode, look: () => void): boolean {
  try {
    look()
    return true
  } catch (error) {
    if (error instanceof Error) error.message = `${mode}: ${error.message}`
    failures.push(error)
    return false
  }
}
