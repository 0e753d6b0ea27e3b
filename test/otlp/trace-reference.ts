import type { OtlpSpan } from '../../server/ingest/otlp.ts'

/** A decoded span as protobufjs' plain object of it would be read. */
export function plainSpan(decoded: OtlpSpan): unknown {
  const { group, source: _source, warnings: _warnings, fault: _fault, ...rest } = decoded
  const attributesOf = (list: OtlpSpan['attributes']) => list.map((entry) => ({ ...entry }))
  return {
    ...rest,
    attributes: attributesOf(rest.attributes),
    resource: attributesOf(group.resource.attributes),
    scope: [group.scope.name, group.scope.version, attributesOf(group.scope.attributes)],
  }
}

type Plain = Record<string, unknown>

export function referenceSpans(decoded: Plain): unknown[] {
  return list(decoded, 'resourceSpans').flatMap((resourceSpans) =>
    list(resourceSpans, 'scopeSpans').flatMap((scopeSpans) =>
      list(scopeSpans, 'spans').map((one) => ({
        ...referenceSpan(one),
        resource: referenceAttributes(resourceSpans['resource'] as Plain | null),
        scope: referenceScope(scopeSpans['scope'] as Plain | null),
      })),
    ),
  )
}

function list(parent: Plain | null, key: string): Plain[] {
  return (parent?.[key] ?? []) as Plain[]
}

function referenceScope(scope: Plain | null): unknown[] {
  return [scope?.['name'] ?? '', scope?.['version'] ?? '', referenceAttributes(scope)]
}

function referenceSpan(one: Plain): Plain {
  const status = one['status'] as Plain | null
  const parent = one['parentSpanId'] as string
  return {
    traceId: one['traceId'],
    spanId: one['spanId'],
    traceState: one['traceState'],
    parentSpanId: parent === '' ? null : parent,
    name: one['name'],
    kind: one['kind'],
    startUs: microseconds(one['startTimeUnixNano']),
    endUs: microseconds(one['endTimeUnixNano']),
    attributes: referenceAttributes(one),
    droppedAttributesCount: one['droppedAttributesCount'],
    events: list(one, 'events').map((event) => ({
      name: event['name'],
      timeUs: microseconds(event['timeUnixNano']),
      attributes: referenceAttributes(event),
      droppedAttributesCount: event['droppedAttributesCount'],
    })),
    links: list(one, 'links').map((link) => ({
      traceId: link['traceId'],
      spanId: link['spanId'],
      traceState: link['traceState'],
      attributes: referenceAttributes(link),
    })),
    statusCode: status?.['code'] ?? 0,
    statusMessage: status?.['message'] ?? '',
  }
}

function microseconds(nanoseconds: unknown): number {
  return Number(BigInt(nanoseconds as string) / 1_000n)
}

function referenceAttributes(parent: Plain | null): unknown[] {
  return list(parent, 'attributes').map(referenceEntry)
}

function referenceEntry(entry: Plain): Plain {
  return { key: entry['key'], value: referenceValue((entry['value'] ?? {}) as Plain) }
}

function referenceValue(value: Plain): unknown {
  if ('intValue' in value) {
    const exact = BigInt(value['intValue'] as string)
    return Number.isSafeInteger(Number(exact)) ? Number(exact) : exact
  }
  if ('bytesValue' in value)
    return new Uint8Array(Buffer.from(value['bytesValue'] as string, 'hex'))
  if ('arrayValue' in value) {
    return list(value['arrayValue'] as Plain, 'values').map(referenceValue)
  }
  if ('kvlistValue' in value) {
    return { entries: list(value['kvlistValue'] as Plain, 'values').map(referenceEntry) }
  }
  return value['stringValue'] ?? value['boolValue'] ?? value['doubleValue'] ?? null
}
