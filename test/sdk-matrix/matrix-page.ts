import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import type { CaseGroup, MatrixCase, ProviderMatrix } from './matrix-case.ts'
import { MODES } from './packed-sdk.ts'
import type { Mode } from './packed-sdk.ts'

/** What a case showed on one client in one mode. */
export type CellResult = {
  readonly case: string
  readonly client: string
  readonly mode: Mode
  /** The application, the provider and the process saw exactly the same. */
  readonly untouched: boolean
  /** Exactly the expected spans, with state, usage, error and content. */
  readonly right: boolean
}

const PAGE = new URL('../../docs/sdk-behaviour.md', import.meta.url)

const HEADER = `# What the SDK changes, and what it records: every behaviour, run

Generated from the runs of \`test/sdk-matrix\`; \`npm test\` fails when a cell fails or this page is out of date.
Regenerate with \`SIGHTLINE_WRITE_DOCS=1 vitest run --project matrix --no-file-parallelism\`.

Each case runs with the real client against a simulator of the provider, three times with the same seed:
without the SDK, with it in the Node preset (\`@sightline/sdk\`), and with it in \`@sightline/sdk/core\`, both
from the tarball that \`npm pack\` makes.

- **Application untouched**: values, classes and prototypes, own keys and their order, order of events,
  errors with class, fields and headers, what the provider was asked (headers and bodies), how many events
  of each stream were pulled from it, which connections stayed open, and unhandled rejections are the same
  as without the SDK.
- **Span right**: exactly one span for each call, with the true state, usage, error and content.

✓ both, in both modes. A case that does not apply to a client carries its reason.
`

/** A provider's part of the page. */
export function renderSection<S>(
  matrix: ProviderMatrix<S>,
  results: readonly CellResult[],
): string {
  const labels = matrix.clients.map(({ label }) => label)
  const groups: readonly [CaseGroup, string][] = [
    ['measured', 'Cases the rivals were measured by'],
    ['more', 'Further cases'],
  ]
  const parts = groups.flatMap(([group, title]) => {
    const cases = matrix.cases.filter((item) => item.group === group)
    if (cases.length === 0) return []
    const lines = cases.map((item) => {
      const cells = labels.map((label) => cellOf(item, label, results))
      return `| ${item.name} | ${cells.join(' | ')} |`
    })
    return [
      `### ${title}\n`,
      table(['case', ...labels], lines),
      '',
      renderTotals(new Set(cases.map(({ name }) => name)), labels, results),
      '',
    ]
  })
  return [`## ${matrix.title}\n`, ...parts].join('\n').trimEnd()
}

function cellOf<S>(item: MatrixCase<S>, label: string, results: readonly CellResult[]): string {
  const reason = 'reason' in item ? item.reason : item.reasons?.[label]
  if (reason !== undefined) return `does not apply: ${reason}`
  const own = results.filter((result) => result.case === item.name && result.client === label)
  const failed = own.flatMap(({ mode, untouched, right }) => [
    ...(untouched ? [] : [`application touched (${mode})`]),
    ...(right ? [] : [`span wrong (${mode})`]),
  ])
  if (own.length < MODES.length) return 'not run'
  return failed.length === 0 ? '✓' : failed.join(', ')
}

function renderTotals(
  names: ReadonlySet<string>,
  labels: readonly string[],
  results: readonly CellResult[],
): string {
  const lines = labels.flatMap((label) =>
    MODES.map((mode) => {
      const own = results.filter(
        (result) => result.client === label && result.mode === mode && names.has(result.case),
      )
      const untouched = own.filter((result) => result.untouched).length
      const right = own.filter((result) => result.right).length
      const count = own.length
      return `| ${label}, ${mode} | ${untouched}/${count} | ${right}/${count} |`
    }),
  )
  return table(['', 'application untouched', 'span right'], lines)
}

function table(titles: readonly string[], lines: readonly string[]): string {
  return [`| ${titles.join(' | ')} |`, `|${titles.map(() => '---|').join('')}`, ...lines].join('\n')
}

const SECTION = /^## .*$/m

/** True while the page's first part is what it should be. */
export function hasHeader(): boolean {
  return existsSync(PAGE) && readFileSync(PAGE, 'utf8').startsWith(HEADER)
}

export function readSection(title: string): string | undefined {
  return readSections().get(title)
}

/** Puts a provider's part into the page; the parts stand in the order of their titles. */
export function writeSection(title: string, section: string): void {
  const sections = readSections().set(title, section)
  const parts = [...sections].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, text]) => text)
  writeFileSync(PAGE, `${[HEADER, ...parts].join('\n\n')}\n`)
}

function readSections(): Map<string, string> {
  if (!existsSync(PAGE)) return new Map()
  const page = readFileSync(PAGE, 'utf8')
  return new Map(
    page
      .split(/^(?=## )/m)
      .slice(1)
      .map((part) => [SECTION.exec(part)?.[0].slice('## '.length) ?? '', part.trimEnd()]),
  )
}
