import type { SpanType } from '../../contract/index.ts'
import type { OtlpSpan } from '../otlp.ts'

/** The fields a dialect can feed. Read once each, from the first source that has a value. */
export const FIELDS = [
  'operation',
  'provider',
  'requestModel',
  'responseModel',
  'model',
  'responseId',
  'inputTokens',
  'outputTokens',
  'totalTokens',
  'cacheReadTokens',
  'cacheWriteTokens',
  'reasoningTokens',
  'audioInputTokens',
  'audioOutputTokens',
  'imageInputTokens',
  'senderCost',
  'streaming',
  'ttft',
  'finishReasons',
  'errorType',
  'errorMessage',
  'errorStatusCode',
  'sessionId',
  'userId',
  'tags',
  'promptName',
  'promptVersion',
  'agentName',
  'toolName',
  'toolCallId',
  'toolArguments',
  'toolResult',
  'task',
  'temperature',
  'maxTokens',
  'serverAddress',
  'systemInstructions',
  'toolDefinitions',
  'inputMessages',
  'outputMessages',
] as const
export type FieldName = (typeof FIELDS)[number]

/** What a dialect may ask of the span in hand. */
export type DialectView = {
  readonly span: OtlpSpan
  readonly type: SpanType
  readonly operationRaw: string | null
  has(field: FieldName): boolean
  /** What stands at the dotted `path` in the JSON text of an attribute. */
  json(key: string, path: string): unknown
}

export type Source = {
  /** The attribute's exact key. */
  key: string
  /** Dotted path inside the JSON text that the attribute holds. */
  path?: string
  /** ttft only; seconds where not given. */
  unit?: 's' | 'ms'
  /** The source counts only where this holds. */
  when?: (view: DialectView) => boolean
  /** Instead of the attribute's own value. */
  read?: (view: DialectView) => unknown
}

/** An attribute whose value names the span's type. */
export type KindSource = { key: string; types: Readonly<Record<string, SpanType>> }

/**
 * How one family of senders names things. A new dialect is one such file and one line in
 * `registry.ts`.
 */
export type Dialect = {
  /** As shown in `span.dialect`. */
  name: string
  /** A span speaks the dialect where it has one of these attributes … */
  markers: readonly string[]
  /** … or comes from such an instrumentation scope. */
  scope?: RegExp
  kinds?: readonly KindSource[]
  fields: { readonly [F in FieldName]?: readonly (string | Source)[] }
  /** The type where no kind attribute tells. */
  fallbackType?: (view: DialectView) => SpanType | null
  /** A span of a model type that only repeats the usage of others. */
  isAggregate?: (view: DialectView) => boolean
  /** Attribute prefixes that the message reader consumes (for `unmapped`). */
  consumedPrefixes?: readonly string[]
}
