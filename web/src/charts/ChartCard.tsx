import { useMemo, useRef, useState, type KeyboardEvent, type ReactNode } from 'react'
import { isTyping } from '../lib/typing.ts'
import { ErrorState, type Failure } from '../ui/ErrorState.tsx'
import { Skeleton } from '../ui/Skeleton.tsx'
import { chartPng } from './chart-png.ts'
import type { ChartSeries } from './chart-series.ts'
import { ChartLegend, type GhostLabel } from './ChartLegend.tsx'
import { ChartMenu, type ChartCardActions } from './ChartMenu.tsx'
import { ChartTable } from './ChartTable.tsx'
import { chartCsv } from './csv.ts'
import { fileName, saveFile } from './save-file.ts'
import { TimeChart } from './TimeChart.tsx'
import type { TimeChartProps } from './time-chart-props.ts'
import { useSeriesSelection, type SeriesSelection } from './use-series-selection.ts'

export type ChartCardState =
  | { status: 'ready'; isOutdated?: boolean | undefined }
  | { status: 'loading' }
  | { status: 'empty'; text: ReactNode }
  | { status: 'error'; what: string; failure: Failure; onRetry?: () => void }

export type ChartCardProps = {
  /** Names the test ids `NAME-card` and `NAME-readout` and the files that are saved. */
  name: string
  title: string
  /** The unit or the bucket: `per minute`. */
  subtitle?: string
  className?: string
  chart: TimeChartProps
  ghost?: GhostLabel | undefined
  state?: ChartCardState
  actions?: ChartCardActions
  /** Stands after the subtitle. */
  note?: ReactNode
  /** Stands in the header in place of the legend. */
  header?: ReactNode
  /** Given by a card whose own list isolates series too. */
  selection?: SeriesSelection
  children?: ReactNode
}

const READY: ChartCardState = { status: 'ready' }
const NO_ACTIONS: ChartCardActions = {}

/** A chart with its title, readout, menu and the same numbers as a table. */
export function ChartCard(props: ChartCardProps) {
  const { name, title, subtitle = '', className = 'c4', chart, state = READY } = props
  const { actions = NO_ACTIONS } = props
  const own = useSeriesSelection(chart.series)
  const selection = props.selection ?? own
  const [isTable, setTable] = useState(false)
  const section = useRef<HTMLElement>(null)
  const drawn = useMemo(() => ({ ...chart, series: selection.visible }), [chart, selection.visible])
  const exports = useExports({ ...props, section, visible: selection.visible })

  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key !== 'T' || !event.shiftKey || isTyping(event.target)) return
    event.preventDefault()
    event.stopPropagation()
    // What had the focus goes away; from the card the key brings it back.
    section.current?.focus()
    setTable(!isTable)
  }
  const isOutdated = state.status === 'ready' && state.isOutdated === true
  return (
    <section
      ref={section}
      className={`card chart-card ${className}`}
      aria-label={title}
      data-testid={`${name}-card`}
      tabIndex={-1}
      onKeyDown={onKeyDown}
    >
      <div className="hd">
        <h2>{title}</h2>
        {subtitle !== '' && <span className="u">{subtitle}</span>}
        {props.note}
        {props.header ?? (
          <ChartLegend {...{ name, chart, selection }} series={chart.series} ghost={props.ghost} />
        )}
        <ChartMenu
          {...{ title, actions, isTable }}
          onTable={() => setTable(!isTable)}
          {...exports}
        />
      </div>
      <div className={isOutdated ? 'dimmed' : ''}>
        <Body {...{ title, state, isTable }} listed={chart.series} chart={drawn} />
      </div>
      {state.status !== 'error' && props.children}
    </section>
  )
}

type BodyProps = {
  title: string
  state: ChartCardState
  isTable: boolean
  listed: readonly ChartSeries[]
  chart: TimeChartProps
}

function Body({ title, state, isTable, listed, chart }: BodyProps) {
  switch (state.status) {
    case 'loading':
      return (
        <div className="pad">
          <Skeleton height={chart.height - 28} />
        </div>
      )
    case 'error':
      return (
        <ErrorState
          what={state.what}
          failure={state.failure}
          {...(state.onRetry === undefined ? {} : { onRetry: state.onRetry })}
        />
      )
    case 'empty':
      return (
        <div className="empty chart-empty" style={{ height: chart.height }}>
          {state.text}
        </div>
      )
    case 'ready':
      return isTable ? (
        <ChartTable title={title} chart={chart} series={listed} />
      ) : (
        <TimeChart {...chart} />
      )
  }
}

type ExportOptions = ChartCardProps & {
  section: { current: HTMLElement | null }
  visible: readonly ChartSeries[]
}

function useExports({ name, title, subtitle = '', chart, section, visible }: ExportOptions) {
  const csv = (): string => chartCsv({ ...chart, withN: chart.kind === 'line' })
  const savePng = async (): Promise<void> => {
    const element = section.current?.querySelector<HTMLElement>('.chart')
    if (element === null || element === undefined) return
    saveFile(
      fileName(name, 'png'),
      await chartPng({ chart: element, title, subtitle, legend: visible }),
    )
  }
  return {
    onCopyCsv: () => void navigator.clipboard.writeText(csv()),
    onSaveCsv: () => saveFile(fileName(name, 'csv'), new Blob([csv()], { type: 'text/csv' })),
    onSavePng: () => void savePng(),
  }
}
