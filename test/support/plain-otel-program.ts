import { SpanKind, trace } from '@opentelemetry/api'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto'
import { NodeSDK } from '@opentelemetry/sdk-node'

/** An application with nothing of ours in it: the stock SDK and exporter, configured by nothing. */
const sdk = new NodeSDK({ traceExporter: new OTLPTraceExporter() })
sdk.start()
trace.getTracer('plain').startActiveSpan('plain 🦊', { kind: SpanKind.CLIENT }, (span) => {
  span.setAttributes({
    'gen_ai.operation.name': 'chat',
    'gen_ai.provider.name': 'openai',
    'gen_ai.request.model': 'gpt-4o-mini',
    'gen_ai.usage.input_tokens': 31,
    'gen_ai.usage.output_tokens': 13,
  })
  span.end()
})
await sdk.shutdown()
