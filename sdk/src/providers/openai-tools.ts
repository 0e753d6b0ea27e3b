import { copyData } from '../core/copy-data.ts'
import { asArray, asRecord, asString } from '../core/read.ts'
import type { UnknownRecord } from '../core/read.ts'

/** Tools as chat completions (nested) and responses (flat) name them, in OpenTelemetry's form. */
export function toToolDefinitions(
  ...lists: readonly unknown[]
): readonly UnknownRecord[] | undefined {
  const tools = lists.flatMap((list) => asArray(list).map(toToolDefinition))
  return tools.length === 0 ? undefined : tools
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
