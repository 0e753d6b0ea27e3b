import { Content } from './fields.ts'
import type { Fields } from './fields.ts'
import { asArray, asNumber, asRecord, asString } from './read.ts'
import * as names from './semconv.ts'
import type { SpanType } from './span-kind.ts'

/**
 * What an observed function's spans say of it.
 *
 * @example
 * const options: ObserveOptions = { name: 'search', kind: 'retriever', attributes: { index: 'help' } }
 */
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

/**
 * The name of an observed function's span.
 *
 * @example
 * observedSpanName({ name: 'search', kind: 'retriever' }) // 'retrieval search'
 */
export function observedSpanName({ name, kind }: ObserveOptions): string {
  const operation = kind === undefined ? undefined : OPERATION_BY_KIND[kind]
  return operation === undefined ? name : `${operation} ${name}`
}

/** What an observed function's span says from its start. */
export function observedStart({ name, kind = 'chain', attributes }: ObserveOptions): Fields {
  return {
    ...attributes,
    [names.ATTR_KIND]: kind,
    [names.ATTR_OPERATION]: OPERATION_BY_KIND[kind],
    [names.ATTR_AGENT_NAME]: kind === 'agent' ? name : undefined,
    [names.ATTR_TOOL_NAME]: kind === 'tool' ? name : undefined,
    [names.ATTR_TOOL_TYPE]: kind === 'tool' ? 'function' : undefined,
  }
}

/** What an observed function was called with. */
export function observedInput({ kind }: ObserveOptions, args: readonly unknown[]): Fields {
  if (args.length === 0) return {}
  const value = args.length === 1 ? args[0] : args
  if (kind === 'tool') return { [names.ATTR_TOOL_ARGUMENTS]: new Content('tool.arguments', value) }
  const isQuery = kind === 'retriever' && typeof args[0] === 'string'
  return {
    [names.ATTR_INPUT]: new Content('input', value),
    [names.ATTR_RETRIEVAL_QUERY]: isQuery ? new Content('retrieval.query', args[0]) : undefined,
  }
}

/** What an observed function returned. */
export function observedOutput({ kind }: ObserveOptions, result: unknown): Fields {
  if (kind === 'tool') return { [names.ATTR_TOOL_RESULT]: new Content('tool.result', result) }
  const documents = kind === 'retriever' ? toDocuments(result) : undefined
  return {
    [names.ATTR_OUTPUT]: new Content('output', result),
    [names.ATTR_RETRIEVAL_DOCUMENTS]:
      documents === undefined ? undefined : new Content('retrieval.documents', documents),
  }
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
