import type { ExportAnswer } from './export-answer.ts'
import type { Signal } from './otlp-answer.ts'
import type { Pipeline, TracesRequest } from './pipeline.ts'

export type ExportSignal = (request: TracesRequest) => Promise<ExportAnswer>
/** The signals that are taken; HTTP answers 404 for the others and gRPC UNIMPLEMENTED. */
export type ExportSignals = Partial<Record<Signal, ExportSignal>>

/** What the pipeline does with a request of each signal, for both transports. */
export function exportSignals(pipeline: Pipeline): ExportSignals {
  return {
    async traces(request) {
      const { rejected, warnings } = await pipeline.ingestTraces(request)
      const messages = [...rejected.map(({ message }) => message), ...warnings]
      return { rejected: rejected.length, messages }
    },
    logs: (request) => pipeline.ingestLogs(request),
    metrics: (request) => pipeline.ingestMetrics(request),
  }
}
