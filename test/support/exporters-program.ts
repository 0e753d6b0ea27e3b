import { diag, DiagLogLevel, logs, metrics, SpanKind, trace } from '@opentelemetry/api'
import { OTLPLogExporter as GrpcLogs } from '@opentelemetry/exporter-logs-otlp-grpc'
import { OTLPLogExporter as JsonLogs } from '@opentelemetry/exporter-logs-otlp-http'
import { OTLPLogExporter as ProtoLogs } from '@opentelemetry/exporter-logs-otlp-proto'
import { OTLPMetricExporter as GrpcMetrics } from '@opentelemetry/exporter-metrics-otlp-grpc'
import { OTLPMetricExporter as JsonMetrics } from '@opentelemetry/exporter-metrics-otlp-http'
import { OTLPMetricExporter as ProtoMetrics } from '@opentelemetry/exporter-metrics-otlp-proto'
import { OTLPTraceExporter as GrpcTraces } from '@opentelemetry/exporter-trace-otlp-grpc'
import { OTLPTraceExporter as JsonTraces } from '@opentelemetry/exporter-trace-otlp-http'
import { OTLPTraceExporter as ProtoTraces } from '@opentelemetry/exporter-trace-otlp-proto'
import { BatchLogRecordProcessor } from '@opentelemetry/sdk-logs'
import { PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics'
import { NodeSDK } from '@opentelemetry/sdk-node'

/**
 * An application that sends all three signals through the stock exporters of the transport named as
 * its argument. It prints, as JSON, what the SDK had to complain about.
 */
const EXPORTERS = {
  grpc: { traces: GrpcTraces, logs: GrpcLogs, metrics: GrpcMetrics },
  http: { traces: JsonTraces, logs: JsonLogs, metrics: JsonMetrics },
  proto: { traces: ProtoTraces, logs: ProtoLogs, metrics: ProtoMetrics },
}

const transport = process.argv[2] as keyof typeof EXPORTERS
const exporters = EXPORTERS[transport]
const complaints: string[] = []
const complain = (message: string, ...rest: unknown[]) => {
  complaints.push([message, ...rest.map((one) => JSON.stringify(one))].join(' '))
}
const silent = () => undefined
diag.setLogger(
  { error: complain, warn: complain, info: silent, debug: silent, verbose: silent },
  DiagLogLevel.WARN,
)

const sdk = new NodeSDK({
  autoDetectResources: false,
  serviceName: `exporter-${transport}`,
  traceExporter: new exporters.traces(),
  logRecordProcessors: [new BatchLogRecordProcessor({ exporter: new exporters.logs() })],
  metricReaders: [new PeriodicExportingMetricReader({ exporter: new exporters.metrics() })],
})
sdk.start()
trace.getTracer('app').startActiveSpan('chat 🦊', { kind: SpanKind.CLIENT }, (span) => {
  span.setAttributes({
    'gen_ai.operation.name': 'chat',
    'gen_ai.provider.name': 'openai',
    'gen_ai.request.model': 'gpt-4o-mini',
    'gen_ai.usage.input_tokens': 31,
    'gen_ai.usage.output_tokens': 13,
  })
  logs.getLogger('app').emit({
    eventName: 'gen_ai.user.message',
    attributes: { 'gen_ai.system': 'openai' },
    body: { content: `asked over ${transport}`, role: 'user' },
  })
  span.end()
})
metrics.getMeter('app').createGauge('gen_ai.server.queue_depth').record(3)
await sdk.shutdown()
process.stdout.write(JSON.stringify(complaints))
