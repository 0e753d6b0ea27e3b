import { ScoreSource } from '../contract/index.ts'
import type { Sql } from '../db/client.ts'
import type { NewScore } from '../scores/parse-score.ts'
import { saveNewScores } from '../scores/save-score.ts'
import { toNumber, toText } from './attribute-text.ts'
import { attributesOf, recordHash } from './log-events.ts'
import { fieldOf } from './log-span-events.ts'
import { type OtlpLogRecord, recordTimeUs } from './otlp-logs.ts'
import { toJson } from './attribute-text.ts'

export const EVALUATION_EVENT = 'gen_ai.evaluation.result'

// Of our own SDK, whose scores say who judged and are told apart by an id of their own.
const SCORE_ID = 'sightline.score.id'
const SCORE_SOURCE = 'sightline.score.source'

const MAX_AT_ONCE = 1_000
const MAX_VALUE = 1e15

/** The score an evaluation's result is, or why it is none. Without an id its own is of the record: sent again, it is the same. */
export function toScore(record: OtlpLogRecord): NewScore | string {
  const read = readerOf(record)
  const name = read('name')
  if (name === undefined) return `${EVALUATION_EVENT}: without gen_ai.evaluation.name`
  const value = toNumber(read('score.value'))
  const label = cut(read('score.label'), 200)
  const isValue = typeof value === 'number' && Math.abs(value) <= MAX_VALUE
  if (!isValue && label === undefined) {
    return `${EVALUATION_EVENT}: neither a score value nor a label`
  }
  const place = placeOf(record)
  if (Object.keys(place).length === 0) {
    return `${EVALUATION_EVENT}: neither traceId nor spanId nor gen_ai.response.id`
  }
  const comment = cut(read('explanation'), 4_000)
  const timeUs = recordTimeUs(record)
  const attributes = attributesOf(record.attributes)
  return {
    id: cut(toText(attributes[SCORE_ID]), 200) ?? `otlp-${recordHash(record, 0)}`,
    ...place,
    name: name.slice(0, 100).toWellFormed(),
    ...(isValue ? { value } : {}),
    ...(label === undefined ? {} : { label }),
    ...(comment === undefined ? {} : { comment }),
    source: sourceOf(attributes[SCORE_SOURCE]),
    atMs: timeUs === 0 ? undefined : timeUs / 1_000,
  }
}

function sourceOf(sent: unknown): ScoreSource {
  const source = ScoreSource.safeParse(sent)
  return source.success ? source.data : 'code'
}

/** From an attribute, else the same name in the body, in full or short. */
function readerOf(record: OtlpLogRecord): (field: string) => string | undefined {
  const attributes = attributesOf(record.attributes)
  const body = toJson(record.body)
  return (field) => {
    const key = `gen_ai.evaluation.${field}`
    return toText(attributes[key] ?? fieldOf(body, key) ?? fieldOf(body, field))
  }
}

function placeOf(record: OtlpLogRecord): Pick<NewScore, 'traceId' | 'spanId' | 'responseId'> {
  const sent = record.attributes.find(({ key }) => key === 'gen_ai.response.id')
  const responseId = cut(toText(sent?.value), 500)
  return {
    ...(record.traceId === '' ? {} : { traceId: record.traceId }),
    ...(record.spanId === '' ? {} : { spanId: record.spanId }),
    ...(responseId === undefined ? {} : { responseId }),
  }
}

function cut(text: string | undefined, length: number): string | undefined {
  return text === undefined || text === '' ? undefined : text.slice(0, length).toWellFormed()
}

/** Saves them; answers the ids of the new ones. */
export async function saveEvaluations(
  sql: Sql,
  projectId: string,
  scores: readonly NewScore[],
): Promise<Set<string>> {
  const added = new Set<string>()
  for (let at = 0; at < scores.length; at += MAX_AT_ONCE) {
    const saved = await saveNewScores(sql, projectId, scores.slice(at, at + MAX_AT_ONCE))
    for (const id of saved) added.add(id)
  }
  return added
}
