import type { Attributes } from '@opentelemetry/api'
import { DEFAULT_CONTENT, writeContent } from './content.ts'
import type { ContentField, ContentPolicy } from './content.ts'
import { asArray, asNumber, asRecord, asString } from './read.ts'
import * as names from './semconv.ts'
import type { SpanType } from './span-kind.ts'

export type ObserveOptions = {
  readonly name: string
  /** What the function stands for in a trace; `chain` unless given. */
  readonly kind?: Exclude<SpanType, 'llm' | 'embedding'>
  /** Further attributes of each span. */
  readonly attributes?: Readonly<Record<string, string | number | boolean>>
  /** `false` keeps the span from the function's arguments. */
  readonly passSpan?: boolean
}

const OPERATION_BY_KIND: Readonly<Partial<Record<SpanType, string>>> = {
  agent: 'invoke_agent',
  tool: 'execute_tool',
  retriever: 'retrieval',
}

/** The name of an observed function's span. */
export function observedSpanName({ name, kind }: ObserveOptions): string {
  const operation = kind === undefined ? undefined : OPERATION_BY_KIND[kind]
  return operation === undefined ? name : `${operation} ${name}`
}

/** The attributes of an observed function's span from its start; pure. */
export function observedStart({ name, kind = 'chain', attributes }: ObserveOptions): Attributes {
  const operation = OPERATION_BY_KIND[kind]
  return {
    ...attributes,
    [names.ATTR_KIND]: kind,
    ...(operation === undefined ? {} : { [names.ATTR_OPERATION]: operation }),
    ...(kind === 'agent' ? { [names.ATTR_AGENT_NAME]: name } : {}),
    ...(kind === 'tool'
      ? { [names.ATTR_TOOL_NAME]: name, [names.ATTR_TOOL_TYPE]: 'function' }
      : {}),
  }
}

/** The attributes that tell what an observed function was called with; pure. */
export function observedInput(
  { kind }: ObserveOptions,
  args: readonly unknown[],
  policy: ContentPolicy = DEFAULT_CONTENT,
): Attributes {
  const attributes: Attributes = {}
  const value = args.length === 1 ? args[0] : args
  if (args.length === 0) return attributes
  const write = (key: string, field: ContentField, content: unknown) =>
    writeContent(attributes, { key, field }, { value: content, policy })
  if (kind === 'tool') write(names.ATTR_TOOL_ARGUMENTS, 'tool.arguments', value)
  else write(names.ATTR_INPUT, 'input', value)
  if (kind === 'retriever' && typeof args[0] === 'string') {
    write(names.ATTR_RETRIEVAL_QUERY, 'retrieval.query', args[0])
  }
  return attributes
}

/** The attributes that tell what an observed function returned; pure. */
export function observedOutput(
  { kind }: ObserveOptions,
  result: unknown,
  policy: ContentPolicy = DEFAULT_CONTENT,
): Attributes {
  const attributes: Attributes = {}
  const write = (key: string, field: ContentField, content: unknown) =>
    writeContent(attributes, { key, field }, { value: content, policy })
  if (kind === 'tool') write(names.ATTR_TOOL_RESULT, 'tool.result', result)
  else write(names.ATTR_OUTPUT, 'output', result)
  if (kind === 'retriever')
    write(names.ATTR_RETRIEVAL_DOCUMENTS, 'retrieval.documents', toDocuments(result))
  return attributes
}

/** Id and score of each document, where the results have them. */
function toDocuments(result: unknown): unknown {
  const documents = asArray(result).flatMap((item) => {
    const document = asRecord(item)
    const id = asString(document?.['id'])
    if (id === undefined) return []
    const score = asNumber(document?.['score'])
    return [score === undefined ? { id } : { id, score }]
  })
  return documents.length === 0 ? undefined : documents
}
