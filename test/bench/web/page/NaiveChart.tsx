import {
  Area,
  AreaChart,
  Bar,
  BarChart,
  CartesianGrid,
  Legend,
  Line,
  LineChart,
  ResponsiveContainer,
  Tooltip,
  XAxis,
  YAxis,
} from 'recharts'
import { clockText, zoneOf } from '../../../../web/src/lib/zone.ts'
import type { BenchChart } from './charts-of.ts'

const zone = zoneOf('utc')
const KINDS = { line: LineChart, area: AreaChart, bar: BarChart }

/** recharts as its own examples have it: category axis, dots, animation, one syncId. */
export function NaiveChart({ kind, rows, series, height }: BenchChart) {
  const Chart = KINDS[kind]
  const data = rows.map(({ t, values }) => ({ time: clockText(t, zone), ...values }))
  return (
    <div style={{ height }}>
      <ResponsiveContainer width="100%" height="100%">
        <Chart data={data} syncId="page">
          <CartesianGrid strokeDasharray="3 3" />
          <XAxis dataKey="time" />
          <YAxis />
          <Tooltip />
          <Legend />
          {series.map(({ key, color }) => {
            if (kind === 'line') {
              return <Line key={key} type="monotone" dataKey={key} stroke={color} />
            }
            if (kind === 'bar') return <Bar key={key} dataKey={key} stackId="1" fill={color} />
            return (
              <Area
                key={key}
                type="monotone"
                dataKey={key}
                stackId="1"
                stroke={color}
                fill={color}
              />
            )
          })}
        </Chart>
      </ResponsiveContainer>
    </div>
  )
}
