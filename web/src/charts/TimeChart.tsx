import { memo, useCallback, useMemo, type CSSProperties } from 'react'
import { ChartDrawing } from './ChartDrawing.tsx'
import type { TimeChartProps } from './time-chart-props.ts'
import { useStaged } from './use-staged.ts'
import { useWidth } from './use-width.ts'

/** Takes its turn with the page's other charts; what is drawn each time is in ChartDrawing. */
export const TimeChart = memo(function TimeChart(props: TimeChartProps) {
  const { ref: widthRef, width } = useWidth()
  const asked = useMemo(() => ({ props, width }), [props, width])
  const { staged, viewRef } = useStaged(asked)
  const ref = useCallback(
    (element: HTMLElement | null) => {
      const stops = [widthRef(element), viewRef(element)]
      return () => {
        for (const stop of stops) stop?.()
      }
    },
    [widthRef, viewRef],
  )
  const style: CSSProperties = { height: props.height }
  return (
    <div ref={ref} className="chart" style={style}>
      {staged !== null && staged.width > 0 && staged.props.rows.length > 0 && (
        <ChartDrawing {...staged.props} width={staged.width} />
      )}
    </div>
  )
})
