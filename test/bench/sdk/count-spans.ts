/** What a request to the sink held. */
export type Received = {
  /** Span ids in hex; repeated ones are repeated. */
  readonly spanIds: string[]
  /** The highest `sightline.sdk.dropped` of its resources. */
  readonly dropped: number
}

/** Reads only what is counted, so that the sink costs little beside what is measured. */
export function readProtobuf(body: Uint8Array): Received {
  const received: { spanIds: string[]; dropped: number } = { spanIds: [], dropped: 0 }
  for (const resourceSpans of messages(body, 1)) {
    for (const resource of messages(resourceSpans, 1)) {
      received.dropped = Math.max(received.dropped, droppedOf(resource))
    }
    for (const scopeSpans of messages(resourceSpans, 2)) {
      for (const span of messages(scopeSpans, 2)) {
        for (const id of messages(span, 2)) received.spanIds.push(Buffer.from(id).toString('hex'))
      }
    }
  }
  return received
}

type JsonRequest = {
  resourceSpans?: { scopeSpans?: { spans?: { spanId: string }[] }[] }[]
}

export function readJson(body: Uint8Array): Received {
  const request = JSON.parse(new TextDecoder().decode(body)) as JsonRequest
  const spans = (request.resourceSpans ?? [])
    .flatMap(({ scopeSpans }) => scopeSpans ?? [])
    .flatMap((scope) => scope.spans ?? [])
  return { spanIds: spans.map(({ spanId }) => spanId), dropped: 0 }
}

function droppedOf(resource: Uint8Array): number {
  for (const attribute of messages(resource, 1)) {
    const [key] = messages(attribute, 1)
    if (key === undefined || new TextDecoder().decode(key) !== 'sightline.sdk.dropped') continue
    const [value] = messages(attribute, 2)
    // AnyValue.int_value is field 3, a varint.
    if (value?.[0] === 3 << 3) return readVarint(value, 1).value
  }
  return 0
}

/** The length-delimited values of one field. */
function messages(bytes: Uint8Array, wanted: number): Uint8Array[] {
  const found: Uint8Array[] = []
  let at = 0
  while (at < bytes.length) {
    const tag = readVarint(bytes, at)
    at = tag.next
    const wireType = tag.value & 7
    if (wireType === 2) {
      const length = readVarint(bytes, at)
      at = length.next + length.value
      if (tag.value >>> 3 === wanted) found.push(bytes.subarray(length.next, at))
    } else if (wireType === 0) at = readVarint(bytes, at).next
    else if (wireType === 1) at += 8
    else if (wireType === 5) at += 4
    else throw new Error(`no OTLP: wire type ${wireType} at byte ${at}`)
  }
  return found
}

function readVarint(bytes: Uint8Array, from: number): { value: number; next: number } {
  let value = 0
  let factor = 1
  for (let at = from; at < bytes.length; at += 1) {
    const byte = bytes[at] ?? 0
    value += (byte & 0x7f) * factor
    if (byte < 0x80) return { value, next: at + 1 }
    factor *= 128
  }
  throw new Error('no OTLP: a number runs over the end')
}
