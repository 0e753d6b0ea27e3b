import * as z from 'zod/mini'
import {
  DEFAULT_PROJECT,
  MAX_FILTER_TERMS,
  parseFilterTerm,
  type FilterTerm,
  type TimeRange,
} from '../contract/index.ts'
import { AppError, BadRequestError, InvalidValueError } from './errors.ts'

/** Express's `request.query`: a value is a string, or an array where the name was repeated. */
export type QueryParams = Readonly<Record<string, unknown>>

const HOUR_MS = 3_600_000
/** Ten years of 365 days: no list or chart needs more, and it bounds the partitions a query opens. */
const MAX_RANGE_MS = 3_650 * 24 * HOUR_MS
/** Last millisecond of year 9999, the last one that is four digits in ISO 8601 and in SQL. */
const MAX_EPOCH_MS = 253_402_300_799_999
const DEFAULT_LIMIT = 50
const MAX_LIMIT = 1_000
const MAX_TERM_LENGTH = 2_000
const MAX_CURSOR_LENGTH = 1_000
const ISO_8601 =
  /^(\d{4}-\d\d-\d\d)(?:[Tt](\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?)([Zz]|[+ -]\d\d:?\d\d)?)?$/

/** The half-open range of `from` and `to` (epoch ms or ISO 8601); default: the hour before `nowMs`. */
export function parseRange(query: QueryParams, nowMs: number): TimeRange {
  const to = parseInstant(query, 'to') ?? nowMs
  const from = parseInstant(query, 'from') ?? to - HOUR_MS
  if (to <= from) {
    throw new InvalidValueError(
      `narrow the range: 'to' (${to}) must be later than 'from' (${from})`,
      'to',
    )
  }
  if (to - from >= MAX_RANGE_MS) {
    throw new InvalidValueError(
      `narrow the range: ${Math.floor((to - from) / (24 * HOUR_MS))} days asked, fewer than 3650 are answered`,
      'from',
    )
  }
  return { from, to }
}

/** An instant in epoch ms or ISO 8601 (UTC where no offset is given); undefined = not given. */
export function parseInstant(query: QueryParams, name: string): number | undefined {
  const raw = single(query, name)
  if (raw === undefined) return undefined
  const instantMs = /^\d{1,16}(\.\d{1,6})?$/.test(raw) ? Number(raw) : parseIso(raw)
  if (instantMs === undefined) {
    throw new BadRequestError(`${name}=${clip(raw)} is neither epoch ms nor ISO 8601`, name)
  }
  if (instantMs > MAX_EPOCH_MS) {
    throw new InvalidValueError(`${name}=${clip(raw)} lies after the year 9999`, name)
  }
  return instantMs
}

/** The repeated `f=field:op:value`; all must hold. */
export function parseFilters(query: QueryParams): FilterTerm[] {
  return parseFilterList(many(query, 'f'))
}

/** The same for terms that come in a body or a socket message. */
export function parseFilterList(raw: readonly string[]): FilterTerm[] {
  if (raw.length > MAX_FILTER_TERMS) {
    throw new InvalidValueError(
      `${raw.length} filter terms given, at most ${MAX_FILTER_TERMS} are read: term ${MAX_FILTER_TERMS + 1} is one too many`,
      'f',
    )
  }
  return raw.map((text, index) => {
    if (text.length > MAX_TERM_LENGTH) {
      throw new InvalidValueError(
        `filter term ${index + 1} has ${text.length} characters, at most ${MAX_TERM_LENGTH} are read`,
        'f',
      )
    }
    const parsed = parseFilterTerm(text)
    if (parsed.status === 'invalid') {
      throw new InvalidValueError(`filter term ${index + 1}: ${parsed.message}`, 'f')
    }
    return parsed.term
  })
}

/** What `parseProject` reads of a request. */
export type ProjectSource = { query: QueryParams; get(header: string): string | undefined }

/** The project named by `?project=` or the header x-sightline-project, else `default`. */
export function parseProject(request: ProjectSource): string {
  const project =
    single(request.query, 'project') ?? request.get('x-sightline-project') ?? DEFAULT_PROJECT
  return checkProject(project)
}

/** A project's name as given, where it has the form of one. */
export function checkProject(project: string): string {
  if (!/^[A-Za-z0-9_-]{1,64}$/.test(project)) {
    throw new InvalidValueError(
      `project ${clip(project)} is not 1 to 64 letters, digits, '_' or '-'`,
      'project',
    )
  }
  return project
}

export function parseLimit(
  query: QueryParams,
  { fallback = DEFAULT_LIMIT, max = MAX_LIMIT }: { fallback?: number; max?: number } = {},
): number {
  const raw = single(query, 'limit')
  if (raw === undefined) return fallback
  if (!/^\d{1,15}$/.test(raw)) throw new BadRequestError(`limit=${clip(raw)} is no number`, 'limit')
  const limit = Number(raw)
  if (limit < 1 || limit > max) {
    throw new InvalidValueError(`limit=${raw} is not between 1 and ${max}`, 'limit')
  }
  return limit
}

/** One query parameter: undefined where it is absent or empty, 400 where it is repeated. */
export function single(query: QueryParams, name: string): string | undefined {
  const value = Object.hasOwn(query, name) ? query[name] : undefined
  if (value === undefined || value === '') return undefined
  if (typeof value === 'string') return value
  throw new BadRequestError(`${name} is given more than once`, name)
}

/** Every value of a parameter that may be repeated. */
export function many(query: QueryParams, name: string): string[] {
  const value = Object.hasOwn(query, name) ? query[name] : undefined
  if (value === undefined || value === '') return []
  const values: unknown[] = Array.isArray(value) ? value : [value]
  return values.filter((one) => typeof one === 'string')
}

/** One of a closed set of words, with its default where the parameter is absent. */
export function parseChoice<const T extends string>(
  query: QueryParams,
  name: string,
  choices: readonly [T, ...T[]],
): T {
  const raw = single(query, name)
  if (raw === undefined) return choices[0]
  const known = choices.find((choice) => choice === raw)
  if (known === undefined) {
    throw new InvalidValueError(`${name}=${clip(raw)} is not one of ${choices.join(' ')}`, name)
  }
  return known
}

/** Opaque to callers: base64url of JSON, checked against `schema` when it comes back. */
export function encodeCursor(position: unknown): string {
  return Buffer.from(JSON.stringify(position), 'utf8').toString('base64url')
}

export function parseCursor<T>(query: QueryParams, schema: z.ZodMiniType<T>): T | undefined {
  const raw = single(query, 'cursor')
  if (raw === undefined) return undefined
  const parsed = raw.length > MAX_CURSOR_LENGTH ? undefined : parseJson(raw)
  const checked = z.safeParse(schema, parsed)
  if (!checked.success) {
    throw new BadRequestError(
      'cursor was not made by this call: send nextCursor of the previous answer unchanged',
      'cursor',
    )
  }
  return checked.data
}

type NowQuery = (strings: TemplateStringsArray) => PromiseLike<readonly object[]>

/** `sightline_now()` in epoch ms: the clock of every server-side "now". */
export async function databaseNow(sql: NowQuery): Promise<number> {
  const rows = await sql`select sightline_now() as now_ms`
  const row: { nowMs?: unknown } | undefined = rows[0]
  if (typeof row?.nowMs === 'number') return row.nowMs
  throw new AppError('sightline_now() gave no instant', { status: 500, code: 'internal' })
}

function parseIso(raw: string): number | undefined {
  const match = ISO_8601.exec(raw)
  if (match === null) return undefined
  const [, day, time = '00:00', zone = 'Z'] = match
  // A bare '+' in a query string arrives as a space.
  const instantMs = Date.parse(`${day}T${time}${zone.toUpperCase().replace(' ', '+')}`)
  return Number.isNaN(instantMs) ? undefined : instantMs
}

function parseJson(raw: string): unknown {
  try {
    return JSON.parse(Buffer.from(raw, 'base64url').toString('utf8')) as unknown
  } catch {
    return undefined
  }
}

function clip(value: string): string {
  return JSON.stringify(value.length > 60 ? `${value.slice(0, 60)}…` : value)
}
