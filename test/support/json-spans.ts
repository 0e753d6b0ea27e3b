import { randomBytes } from 'node:crypto'
import { encodeLoad, makeSpans } from './span-load.ts'

/** Spans whose content packs no better than text does. */
export function honestBatch(bytes: number): Buffer {
  const spans = makeSpans(Math.ceil(bytes / 16_000), { endMs: Date.now() })
  for (const span of spans) {
    span.attributes = { ...span.attributes, 'input.value': randomBytes(6_800).toString('hex') }
  }
  return encodeLoad(spans)
}

export type Attribute = { key: string; value: unknown }
export type JsonSpan = Record<string, unknown> & { attributes: Attribute[] }

/** A model call as JSON; its attributes first, so that a case may add to them. */
export function jsonSpan(overrides: Record<string, unknown> = {}): JsonSpan {
  const nowMs = Date.now()
  return {
    traceId: randomBytes(16).toString('hex'),
    spanId: randomBytes(8).toString('hex'),
    name: 'chat',
    kind: 3,
    startTimeUnixNano: `${nowMs - 900}000000`,
    endTimeUnixNano: `${nowMs}000000`,
    attributes: [
      textAttribute('gen_ai.operation.name', 'chat'),
      textAttribute('gen_ai.provider.name', 'openai'),
      textAttribute('gen_ai.request.model', 'gpt-4o-mini'),
      { key: 'gen_ai.usage.input_tokens', value: { intValue: '100' } },
      { key: 'gen_ai.usage.output_tokens', value: { intValue: '20' } },
    ],
    ...overrides,
  }
}

export function jsonRequest(spans: readonly string[], resource: unknown = {}): string {
  return `{"resourceSpans":[{"resource":${JSON.stringify(resource)},"scopeSpans":[{"scope":{"name":"t"},"spans":[${spans.join(',')}]}]}]}`
}

export function textAttribute(key: string, stringValue: string): Attribute {
  return { key, value: { stringValue } }
}
