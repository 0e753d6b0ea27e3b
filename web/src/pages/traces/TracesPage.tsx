import type { ReactNode } from 'react'
import { spanText } from '../../lib/format.ts'
import { PageFrame } from '../../shell/PageFrame.tsx'
import { useView } from '../../shell/use-view.ts'
import { HistogramContext, useHistogram } from './Histogram.tsx'
import { TracesBody } from './TracesBody.tsx'

/** Find the traces that matter: a line to ask with, counts to ask by, and the list. */
export function TracesPage() {
  return (
    <TracesFrame>
      <TracesBody />
    </TracesFrame>
  )
}

/** What changes every second stays up here: the list below it is not drawn anew with it. */
function TracesFrame({ children }: { children: ReactNode }) {
  const { window, filters } = useView()
  const histogram = useHistogram(window, filters)
  const { model, storedThrough } = histogram
  return (
    <PageFrame
      title="Traces"
      withRange
      withFilters={false}
      status={{
        storedThrough,
        facts: model === null ? [] : [{ label: 'bucket', value: spanText(model.stepMs) }],
      }}
    >
      <HistogramContext value={histogram}>{children}</HistogramContext>
    </PageFrame>
  )
}
