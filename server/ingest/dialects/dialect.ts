import type { JsonValue, Message, SpanType } from '../../contract/index.ts'
import type { AttributeValue, OtlpSpan } from '../otlp.ts'

/** Those that hold counts of tokens. */
export const USAGE_FIELDS = [
  'inputTokens',
  'outputTokens',
  'totalTokens',
  'cacheReadTokens',
  'cacheWriteTokens',
  'cacheWrite1hTokens',
  'reasoningTokens',
  'audioInputTokens',
  'audioOutputTokens',
  'imageInputTokens',
] as const
export type UsageField = (typeof USAGE_FIELDS)[number]

/** The fields a dialect can feed. Read once each, from the first source that has a value. */
export const FIELDS = [
  'operation',
  'provider',
  'requestModel',
  'responseModel',
  'model',
  'responseId',
  ...USAGE_FIELDS,
  'senderCost',
  'streaming',
  'ttft',
  'finishReasons',
  'failed',
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
  'sampleProbability',
  'serverAddress',
  'environment',
  'release',
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
  text(field: FieldName): string | null
  /** An attribute's own value; its key must stand in a table (`fields`, `markers` or `reads`). */
  value(key: string): AttributeValue | undefined
  /** What stands at the dotted `path` in the JSON text of an attribute; '' is all of it. */
  json(key: string, path: string): unknown
}

export type Source = {
  /** The attribute's exact key. */
  key: string
  /** Dotted path inside the JSON text that the attribute holds. */
  path?: string
  /** ttft only; seconds where not given. `instant` is a time of day in ISO 8601. */
  unit?: 's' | 'ms' | 'instant'
  /** The source counts only where this holds. */
  when?: (view: DialectView) => boolean
  /**
   * Instead of the attribute's own value; also asked where the span lacks the attribute. For messages
   * it gives `Message[]`.
   */
  read?: (view: DialectView) => unknown
  /** How the value was made of the attribute; shown in `mapping`. */
  note?: string
}

/** An attribute whose value names the span's type. */
export type KindSource = { key: string; types: Readonly<Record<string, SpanType>> }

/** How a sender counts: OTel's way is cache inside input, reasoning inside output. */
export type Counting = {
  cache: 'inclusive' | 'exclusive'
  reasoning: 'inclusive' | 'exclusive'
}

export type FoundMessages = { messages: Message[]; from: string }

/**
 * How one family of senders names things. A new dialect is one such file and one line in
 * `registry.ts`.
 */
export type Dialect = {
  /** As shown in `span.dialect`. */
  name: string
  /** A convention that others build on: it names the span's dialect only where it speaks alone. */
  isBase?: true
  /** A span speaks the dialect where it has one of these attributes … */
  markers: readonly string[]
  /** … or comes from such an instrumentation scope. */
  scope?: RegExp
  /** Further attributes that its functions look at. */
  reads?: readonly string[]
  /** The type, before any kind attribute. */
  typeOf?: (view: DialectView) => SpanType | null
  kinds?: readonly KindSource[]
  fields: { readonly [F in FieldName]?: readonly (string | Source)[] }
  /** Attributes that other dialects would read for a field and that mean something else here. */
  hides?: { readonly [F in FieldName]?: readonly string[] }
  /** The framework or the service stands where others name the provider. */
  providerIsFramework?: true
  /** The type where no kind attribute and no operation tells. */
  fallbackType?: (view: DialectView) => SpanType | null
  /** A span of a model type that only repeats the usage of others. */
  isAggregate?: (view: DialectView) => boolean
  /** Its time to the first chunk does not say that the call was streamed. */
  isTtftOfAnyCall?: true
  /** Where the sender counts otherwise than OTel does. */
  counting?: (view: DialectView) => Partial<Counting>
  /** Messages in flattened attributes, asked where no field source has any. */
  messages?: (span: OtlpSpan, side: 'input' | 'output') => FoundMessages | null
  /** Tool definitions in flattened attributes. */
  toolDefinitions?: (span: OtlpSpan) => JsonValue[]
  /**
   * How attributes begin that are not `unmapped` although no table names them: the message reader
   * takes them, or they are well known and the contract has no field for them.
   */
  consumedPrefixes?: readonly string[]
}
