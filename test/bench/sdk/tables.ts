import type { Cost } from './costs.ts'
import type { Goal } from './goals.ts'
import { LOSS_SCENARIOS } from './losses.ts'
import type { Loss } from './losses.ts'
import { round } from './statistics.ts'
import { WORKLOADS } from './workloads.ts'

/** Added CPU per call: median (range of the rounds); without a span there is nothing to compare. */
export function costTable(costs: readonly Cost[]): string {
  const names = [...new Set(costs.map(({ variant }) => variant))]
  const rows = names.map((name) => {
    const cells = WORKLOADS.map((workload) => {
      const cost = costs.find((one) => one.variant === name && one.workload === workload)
      if (cost === undefined) return ''
      const [low, high] = cost.range
      const note = cost.spansPerCall < 0.9 ? ', no span' : ''
      return `${cost.addedUs} (${low} to ${high}${note})`
    })
    return [name, ...cells]
  })
  const bare = WORKLOADS.map((workload) => {
    const all = costs.filter((cost) => cost.workload === workload).map(({ bareUs }) => bareUs)
    return `${Math.min(...all)} to ${Math.max(...all)} in all`
  })
  return markdown(['added µs per call', ...WORKLOADS], [['without', ...bare], ...rows])
}

export function lossTable(losses: readonly Loss[]): string {
  const names = [...new Set(losses.map(({ variant }) => variant))]
  const rows = names.map((name) => {
    const cells = LOSS_SCENARIOS.map((scenario) => {
      const loss = losses.find((one) => one.variant === name && one.scenario === scenario)
      if (loss === undefined) return ''
      const { arrived, made, told, endMs } = loss
      return `${arrived}/${made}${told > 0 ? ` (told ${told})` : ''} · ${endMs}`
    })
    return [name, ...cells]
  })
  return markdown(['arrived/made · ms to the end', ...LOSS_SCENARIOS], rows)
}

export type PackageRow = {
  readonly name: string
  readonly addedPackages: number
  readonly addedMegabytes: number
}

export function packageTable(rows: readonly PackageRow[]): string {
  return markdown(
    ['beside the client', 'packages', 'MB'],
    rows.map((row) => [row.name, `${row.addedPackages}`, `${round(row.addedMegabytes, 1)}`]),
  )
}

export function goalTable(goals: readonly Goal[]): string {
  return markdown(
    ['goal', 'measured', 'limit', ''],
    goals.map(({ what, measured, goal, isReached, by }) => [
      by === undefined ? what : `${what} (${by})`,
      `${round(measured, 2)}`,
      `${goal}`,
      isReached ? '✓' : '✗',
    ]),
  )
}

function markdown(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')
}
