/** One span of a chunk, as text search and attribute filters read it. */
export type ChunkSpan = {
  traceId: string
  spanId: string
  /** Whether one of its texts is wanted: name, status message, all in its attributes and events. */
  someText(isWanted: (text: string) => boolean): boolean
  /** Values of an attribute of the span or its resource, as ingest hashed them. */
  values(key: string): string[]
  /** Keys of its attributes. */
  keys(): string[]
}

/** A chunk as stored, inflated. */
export type Chunk = { format: 'protobuf' | 'json'; data: Buffer }

/** Reads the spans of a chunk: the slice that wrote it passes this in. */
export type ReadChunk = (chunk: Chunk) => ChunkSpan[]
