import type { AttributeValue } from '@opentelemetry/api'

/**
 * The field a redact hook is asked about.
 *
 * @example
 * const hidden = new Set<ContentField>(['tool.arguments', 'tool.result'])
 */
export type ContentField =
  | 'input.messages'
  | 'output.messages'
  | 'system_instructions'
  | 'tool.definitions'
  | 'tool.arguments'
  | 'tool.result'
  | 'retrieval.query'
  | 'retrieval.documents'
  | 'prompt.variable'
  | 'score.comment'
  | 'output.label'
  | 'input'
  | 'output'

/**
 * One field of content (messages, arguments, results) as it was read at the call. Redacting, capping and
 * serialising it waits until the span is encoded, off the application's path. What is inside must be
 * a copy of the application's arrays and objects; strings and bytes are shared.
 */
export class Content {
  readonly field: ContentField
  readonly value: unknown
  readonly provider: string | undefined

  constructor(field: ContentField, value: unknown, provider?: string) {
    this.field = field
    this.value = value
    this.provider = provider
  }
}

/** What a span says, by its name on the wire; undefined leaves a name out. */
// oxlint-disable-next-line typescript/no-redundant-type-constituents -- resolved by the type checker, not by the linter
export type Fields = Record<string, AttributeValue | Content | undefined>
