import type { Chunk, ChunkSpan } from '../spans/chunk-span.ts'
import { scalarTexts } from './attribute-hash.ts'
import { readChunk } from './chunk.ts'
import { isKeyValueList, type Attribute, type AttributeValue, type OtlpSpan } from './otlp.ts'

/** The spans of a stored chunk with their texts, by the decoder that ran at ingest. */
export function readChunkSpans({ format, data }: Chunk): ChunkSpan[] {
  return readChunk(format, data).spans.map((span) => ({
    traceId: span.traceId,
    spanId: span.spanId,
    someText: (isWanted) => someOf(textsOf(span), isWanted),
    values: (key) => valuesOf(span, key),
    keys: () => span.attributes.map((attribute) => attribute.key),
  }))
}

function someOf(texts: Iterable<string>, isWanted: (text: string) => boolean): boolean {
  for (const text of texts) if (isWanted(text)) return true
  return false
}

function* textsOf(span: OtlpSpan): Generator<string> {
  yield span.name
  if (span.statusMessage !== '') yield span.statusMessage
  yield* attributeTexts(span.attributes)
  for (const event of span.events) {
    yield event.name
    yield* attributeTexts(event.attributes)
  }
}

function* attributeTexts(attributes: readonly Attribute[]): Generator<string> {
  for (const { value } of attributes) yield* valueTexts(value)
}

function* valueTexts(value: AttributeValue): Generator<string> {
  if (typeof value === 'string') yield value
  else if (Array.isArray(value)) for (const item of value) yield* valueTexts(item)
  else if (isKeyValueList(value)) yield* attributeTexts(value.entries)
}

function valuesOf(span: OtlpSpan, key: string): string[] {
  return [...span.group.resource.attributes, ...span.attributes].flatMap((attribute) =>
    attribute.key === key ? scalarTexts(attribute.value) : [],
  )
}
