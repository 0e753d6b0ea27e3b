import { ScoreBatch, ScoreInput } from '../contract/index.ts'
import { InvalidValueError } from '../platform/errors.ts'
import { parseInstant } from '../platform/query-params.ts'
import { parseBody } from '../platform/validate.ts'

export type NewScore = Omit<ScoreInput, 'at'> & { atMs: number | undefined }

/** Sums of values stay exact enough, and finite, below this. */
const MAX_VALUE = 1e15

/** The body of POST /scores: one score, or up to 1,000 as `{scores:[…]}`. */
export function parseScores(body: unknown): { items: NewScore[]; isBatch: boolean } {
  const isBatch = typeof body === 'object' && body !== null && 'scores' in body
  if (!isBatch) return { items: [toNewScore(parseBody(ScoreInput, body), '')], isBatch }
  const { scores } = parseBody(ScoreBatch, body)
  return { items: scores.map((score, at) => toNewScore(score, `scores.${at}.`)), isBatch }
}

/** The 422 names what is missing or wrong, after `prefix`. */
function toNewScore({ at, ...input }: ScoreInput, prefix: string): NewScore {
  if (input.traceId === undefined && input.spanId === undefined && input.responseId === undefined) {
    const field = `${prefix}traceId`
    throw new InvalidValueError('a score needs one of traceId, spanId and responseId', field)
  }
  if (input.value === undefined && input.label === undefined) {
    throw new InvalidValueError('a score needs a value or a label', `${prefix}value`)
  }
  if (input.value !== undefined && Math.abs(input.value) > MAX_VALUE) {
    throw new InvalidValueError(
      `value ${input.value} is not between -1e15 and 1e15`,
      `${prefix}value`,
    )
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
