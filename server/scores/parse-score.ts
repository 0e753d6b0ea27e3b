import { ScoreInput } from '../contract/index.ts'
import { InvalidValueError } from '../platform/errors.ts'
import { parseInstant } from '../platform/query-params.ts'
import { parseBody } from '../platform/validate.ts'

export type NewScore = Omit<ScoreInput, 'at'> & { atMs: number | undefined }

/** Sums of values stay exact enough, and finite, below this. */
const MAX_VALUE = 1e15

/** Reads the body of POST /scores; the 422 names what is missing or wrong. */
export function parseScore(body: unknown): NewScore {
  const { at, ...input } = parseBody(ScoreInput, body)
  if (input.traceId === undefined && input.spanId === undefined && input.responseId === undefined) {
    throw new InvalidValueError('a score needs one of traceId, spanId and responseId', 'traceId')
  }
  if (input.value === undefined && input.label === undefined) {
    throw new InvalidValueError('a score needs a value or a label', 'value')
  }
  if (input.value !== undefined && Math.abs(input.value) > MAX_VALUE) {
    throw new InvalidValueError(`value ${input.value} is not between -1e15 and 1e15`, 'value')
  }
  return {
    ...input,
    ...storableTexts(input),
    atMs: at === undefined ? undefined : parseInstant({ at: String(at) }, 'at'),
  }
}

type Texts = Pick<ScoreInput, 'id' | 'responseId' | 'label' | 'comment' | 'name'>

/** PostgreSQL's text holds no NUL. */
function storableTexts(input: Texts): Texts {
  const texts: Texts = { name: storable(input.name) }
  for (const key of ['id', 'responseId', 'label', 'comment'] as const) {
    const text = input[key]
    if (text !== undefined) texts[key] = storable(text)
  }
  return texts
}

function storable(text: string): string {
  return text.replaceAll('\u0000', '\uFFFD').toWellFormed()
}
