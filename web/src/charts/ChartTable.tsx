import { memo } from 'react'
import { countText, metricText } from '../lib/format.ts'
import { bucketText } from './bucket-text.ts'
import type { ChartSeries } from './chart-series.ts'
import { valueOf, type Row } from './rows.ts'
import type { TimeChartProps } from './time-chart-props.ts'

type ChartTableProps = { title: string; chart: TimeChartProps; series: readonly ChartSeries[] }

/** The numbers of a chart, newest bucket first. */
export const ChartTable = memo(function ChartTable({ title, chart, series }: ChartTableProps) {
  const { rows, kind, height, stepMs, zone } = chart
  const withN = kind === 'line'
  return (
    <section
      className="chart-table"
      style={{ height }}
      // Scrolled by keys too.
      tabIndex={0}
      aria-label={`${title} as a table`}
    >
      <table className="table num">
        <caption className="sr-only">{chart.summary}</caption>
        <thead>
          <tr>
            <th scope="col">Time</th>
            {series.map(({ key, label }) => (
              <th key={key} scope="col" className="n">
                {label}
              </th>
            ))}
            {withN && (
              <th scope="col" className="n">
                n
              </th>
            )}
          </tr>
        </thead>
        <tbody>
          {rows.toReversed().map((row) => (
            <tr key={row.t} data-t={row.t}>
              <th scope="row">
                {bucketText(row.t, stepMs, zone)}
                <State row={row} completeTo={chart.completeTo} />
              </th>
              {series.map(({ key }) => (
                <Cell key={key} value={valueOf(row, key)} unit={chart.unit} />
              ))}
              {withN && <td className="n">{row.isGap ? '–' : countText(row.n)}</td>}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  )
})

function State({ row, completeTo }: { row: Row; completeTo: number }) {
  if (row.isGap) return <span className="t3"> no data</span>
  return row.t >= completeTo ? <span className="t3"> partial</span> : null
}

function Cell({ value, unit }: { value: number | null; unit: string }) {
  return (
    <td className="n" title={value === null ? 'none' : String(value)}>
      {value === null ? '–' : metricText(value, unit)}
    </td>
  )
}
