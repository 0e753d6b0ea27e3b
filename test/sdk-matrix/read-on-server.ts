import { priceSpan } from '../../server/enrich/cost.ts'
import { decodeTracesProtobuf } from '../../server/ingest/decode-protobuf.ts'
import { describeSpan } from '../../server/ingest/describe.ts'
import { normaliseTraces } from '../../server/ingest/normalise.ts'
import { NO_FAILURES } from '../simulator/behaviour.ts'
import { startSimulator } from '../simulator/start-simulator.ts'
import { encodeTraces } from '../support/otlp-encode.ts'
import { startOtlpReceiver } from '../support/otlp-receiver.ts'
import type { ReceivedSpan } from '../support/otlp-receiver.ts'
import { importSdk } from './packed-sdk.ts'

/** The span of one call, as the server reads and prices it. */
export async function readOnServer<C extends object>(
  openClient: (url: string) => C,
  call: (client: C) => Promise<unknown>,
) {
  const sdk = await importSdk('core')
  await using receiver = await startOtlpReceiver()
  await using simulator = await startSimulator({ seed: 7, speed: 0, failureRates: NO_FAILURES })
  sdk.init({ endpoint: receiver.url })
  await call(sdk.wrap(openClient(simulator.url)))
  await sdk.shutdown()
  const sent = receiver.spans.at(-1)
  if (sent === undefined) throw new Error('no span has arrived')
  const traces = decodeTracesProtobuf(encodeAgain(sent))
  const { records } = normaliseTraces(traces, { nowUs: Date.now() * 1_000 })
  const [record] = records
  const [span] = traces.spans
  if (record === undefined || span === undefined) throw new Error('the server reads no span')
  return { record, described: describeSpan(span), price: priceSpan(record) }
}

function encodeAgain({ traceId, spanId, name, attributes, startMs, endMs, scope }: ReceivedSpan) {
  const scalars = Object.entries(attributes).filter(([, value]) => !Array.isArray(value))
  const span = { traceId, spanId, name, startMs, endMs, attributes: Object.fromEntries(scalars) }
  return encodeTraces({ scope, spans: [span as Parameters<typeof encodeTraces>[0]['spans'][0]] })
}
