import type { Attributes } from '@opentelemetry/api'
import { capJson, capText } from './cap-json.ts'
import { maskText } from './mask-text.ts'
import { ATTR_CONTENT_DROPPED, ATTR_CONTENT_TRUNCATED } from './semconv.ts'

/** How much of prompts, answers, arguments and results leaves the process. */
export type ContentMode = 'full' | 'redacted' | 'none'

/** The field a redact hook is asked about. */
export type ContentField =
  | 'input.messages'
  | 'output.messages'
  | 'system_instructions'
  | 'tool.definitions'
  | 'tool.arguments'
  | 'tool.result'
  | 'retrieval.query'
  | 'retrieval.documents'
  | 'input'
  | 'output'

/** Changes a value before it is serialised; a throw drops the field, never the span. */
export type Redact = (value: unknown, where: { field: ContentField; provider?: string }) => unknown

export type ContentPolicy = {
  readonly mode: ContentMode
  readonly redact?: Redact
  /** Upper limit of one attribute in bytes of UTF-8. */
  readonly maxBytes: number
}

export const DEFAULT_CONTENT: ContentPolicy = { mode: 'full', maxBytes: 64_000 }

export type ContentSlot = {
  readonly key: string
  readonly field: ContentField
  readonly provider?: string
}

/** Writes one field of content as a JSON string, redacted and capped, or leaves it out. */
export function writeContent(
  attributes: Attributes,
  slot: ContentSlot,
  { value, policy }: { value: unknown; policy: ContentPolicy },
): void {
  if (policy.mode === 'none' || value === undefined) return
  try {
    const redacted = redactValue(value, slot, policy)
    if (redacted === undefined) return
    const { text, truncated } =
      slot.field === 'retrieval.query' && typeof redacted === 'string'
        ? capText(redacted, policy.maxBytes)
        : capJson(redacted, policy.maxBytes)
    if (truncated) attributes[ATTR_CONTENT_TRUNCATED] = true
    if (text === undefined) markDropped(attributes, slot.field)
    else attributes[slot.key] = text
  } catch {
    markDropped(attributes, slot.field)
  }
}

function redactValue(value: unknown, slot: ContentSlot, policy: ContentPolicy): unknown {
  if (policy.redact === undefined) return policy.mode === 'redacted' ? maskText(value) : value
  const { field, provider } = slot
  const redacted = policy.redact(value, provider === undefined ? { field } : { field, provider })
  if (redacted instanceof Promise) {
    // The caller never waits for telemetry, so the answer would come after the span has gone.
    redacted.catch(() => undefined)
    throw new TypeError(`redact returned a promise for ${field}; it must answer at once`)
  }
  return redacted
}

function markDropped(attributes: Attributes, field: ContentField): void {
  const dropped = attributes[ATTR_CONTENT_DROPPED]
  attributes[ATTR_CONTENT_DROPPED] = Array.isArray(dropped)
    ? [...dropped.map(String), field]
    : [field]
}
