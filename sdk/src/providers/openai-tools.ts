import { copyData } from '../core/copy-data.ts'
import { asArray, asRecord, asString } from '../core/read.ts'
import type { UnknownRecord } from '../core/read.ts'

/** Tools as chat completions (nested) and responses (flat) name them, in OpenTelemetry's form. */
export function toToolDefinitions(
  tools: unknown,
  functions?: unknown,
): readonly UnknownRecord[] | undefined {
  const definitions = asArray(tools).map(toToolDefinition)
  for (const item of asArray(functions)) definitions.push(toToolDefinition(item))
  return definitions.length === 0 ? undefined : definitions
}

function toToolDefinition(value: unknown): UnknownRecord {
  const tool = asRecord(value) ?? {}
  const target = asRecord(tool['function']) ?? asRecord(tool['custom']) ?? tool
  const type = asString(tool['type']) ?? 'function'
  // The provider's own tools, as web search, have no name but their type.
  const name = asString(target['name']) ?? asString(target['server_label'])
  const definition: Record<string, unknown> = {
    type,
    name: name ?? (type === 'function' ? '' : type),
  }
  if (typeof target['description'] === 'string') definition['description'] = target['description']
  if (target['parameters'] !== undefined) {
    definition['parameters'] = copyData(target['parameters'])
  }
  return definition
}
