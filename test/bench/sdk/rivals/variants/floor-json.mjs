import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http'
import { setUpWith } from './hand-written.mjs'

export function setUp({ endpoint, fetch }) {
  return setUpWith(new OTLPTraceExporter({ url: `${endpoint}/v1/traces` }), fetch)
}
