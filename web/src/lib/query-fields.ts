import { FILTER_FIELDS } from '@sightline/server/contract'

export type FieldKind = 'text' | 'number' | 'status' | 'attribute' | 'score' | 'words'
export type FieldUnit = 'ms' | 'USD' | 'tokens'
export type QueryField = {
  /** As it is typed and printed in the query bar. */
  name: string
  /** As filters name it. */
  field: string
  kind: FieldKind
  unit?: FieldUnit
  hint: string
}

type Field = (typeof FILTER_FIELDS)[number]

const HINTS: Record<Field, string> = {
  name: 'name of a span or trace',
  type: 'llm, tool, retriever, agent…',
  task: 'what the call is for',
  service: 'service.name of the sender',
  environment: 'deployment environment',
  release: 'version of the sender',
  provider: 'who served the model',
  model: 'model that answered',
  operation: 'chat, embeddings, execute_tool…',
  tool: 'name of a tool',
  status: 'ok or error',
  'error.type': 'class of the error',
  user: 'user id',
  session: 'conversation id',
  prompt: 'prompt name, or name@version',
  tag: 'tag of a span',
  latency: 'duration of the trace',
  ttft: 'time to the first token of a call',
  cost: 'total cost of the trace',
  tokens: 'tokens of the trace',
  text: 'words of prompts and answers',
}

const NUMBERS: Partial<Record<Field, FieldUnit>> = {
  latency: 'ms',
  ttft: 'ms',
  cost: 'USD',
  tokens: 'tokens',
}

/** Fields that are typed by a shorter name than filters give them. */
const SHORT: Partial<Record<Field, string>> = { latency: 'dur', environment: 'env' }
const ALIASES: Record<string, string> = { duration: 'latency', error: 'error.type' }

export const QUERY_FIELDS: readonly QueryField[] = FILTER_FIELDS.map((field) => {
  const unit = NUMBERS[field]
  const named = { name: SHORT[field] ?? field, field, hint: HINTS[field], kind: kindOf(field) }
  return unit === undefined ? named : { ...named, unit }
})

const byName = new Map<string, QueryField>([
  ...QUERY_FIELDS.map((one): [string, QueryField] => [one.field, one]),
  ...QUERY_FIELDS.map((one): [string, QueryField] => [one.name, one]),
])

/** By what was typed: a name, a filter's field or an alias; undefined where there is none. */
export function findField(typed: string): QueryField | undefined {
  const known = byName.get(typed) ?? byName.get(ALIASES[typed] ?? '')
  if (known !== undefined) return known
  if (/^attr\../s.test(typed)) {
    return { name: typed, field: typed, kind: 'attribute', hint: 'attribute of a span' }
  }
  if (/^score\../s.test(typed)) {
    return { name: typed, field: typed, kind: 'score', hint: 'score of the trace' }
  }
  return undefined
}

function kindOf(field: Field): FieldKind {
  if (field === 'status') return 'status'
  if (field === 'text') return 'words'
  return NUMBERS[field] === undefined ? 'text' : 'number'
}
