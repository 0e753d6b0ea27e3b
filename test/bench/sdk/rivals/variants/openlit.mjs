import { trace } from '@opentelemetry/api'
import * as openaiModule from 'openai'
import openlit from 'openlit'

export function setUp({ endpoint, fetch }) {
  // `init` is the namespace's or the default export's, by how the CommonJS build is read.
  const { init } = openlit.default ?? openlit
  init.call(openlit.default ?? openlit, {
    applicationName: 'bench',
    otlpEndpoint: endpoint,
    instrumentations: { openai: openaiModule },
    // Else it asks GitHub for a price list.
    pricingJson: { chat: {}, embeddings: {} },
  })
  const provider = trace.getTracerProvider().getDelegate()
  const { OpenAI } = openaiModule
  return {
    openai: new OpenAI({ apiKey: 'k', fetch }),
    flush: () => provider.forceFlush(),
    shutdown: () => provider.shutdown(),
  }
}
