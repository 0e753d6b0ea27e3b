import { OpenAIInstrumentation } from '@arizeai/openinference-instrumentation-openai'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto'
import { BatchSpanProcessor } from '@opentelemetry/sdk-trace-base'
import { NodeTracerProvider } from '@opentelemetry/sdk-trace-node'
import OpenAI from 'openai'

export function setUp({ endpoint, fetch }) {
  const exporter = new OTLPTraceExporter({ url: `${endpoint}/v1/traces` })
  const provider = new NodeTracerProvider({ spanProcessors: [new BatchSpanProcessor(exporter)] })
  provider.register()
  const instrumentation = new OpenAIInstrumentation({ tracerProvider: provider })
  instrumentation.manuallyInstrument(OpenAI)
  return {
    openai: new OpenAI({ apiKey: 'k', fetch }),
    flush: () => provider.forceFlush(),
    shutdown: () => provider.shutdown(),
  }
}
