import { observeOpenAI } from '@langfuse/openai'
import { LangfuseSpanProcessor } from '@langfuse/otel'
import { NodeTracerProvider } from '@opentelemetry/sdk-trace-node'
import OpenAI from 'openai'

export function setUp({ endpoint, fetch }) {
  const processor = new LangfuseSpanProcessor({
    publicKey: 'pk',
    secretKey: 'sk',
    baseUrl: endpoint,
  })
  const provider = new NodeTracerProvider({ spanProcessors: [processor] })
  provider.register()
  return {
    openai: observeOpenAI(new OpenAI({ apiKey: 'k', fetch })),
    flush: () => processor.forceFlush(),
    shutdown: () => provider.shutdown(),
  }
}
