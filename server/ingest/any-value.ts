import { type AttributeValue, isKeyValueList } from './otlp.ts'

/** An AnyValue of OTLP/JSON. */
export type AnyValueJson = { [member: string]: unknown }

export function toAnyValue(value: AttributeValue): AnyValueJson {
  switch (typeof value) {
    case 'string':
      return { stringValue: value }
    case 'boolean':
      return { boolValue: value }
    case 'bigint':
      return { intValue: String(value) }
    case 'number':
      return numberValue(value)
    default:
  }
  if (value === null) return {}
  if (Array.isArray(value)) return { arrayValue: { values: value.map(toAnyValue) } }
  if (isKeyValueList(value)) {
    const values = value.entries.map((entry) => ({
      key: entry.key,
      value: toAnyValue(entry.value),
    }))
    return { kvlistValue: { values } }
  }
  return { bytesValue: Buffer.from(value).toString('base64') }
}

function numberValue(value: number): AnyValueJson {
  if (Number.isSafeInteger(value)) return { intValue: value }
  return { doubleValue: Number.isFinite(value) ? value : String(value) }
}
