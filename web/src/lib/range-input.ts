import { MAX_RANGE_MS, parseRange } from './url-state.ts'
import { instantOf, isWallTime, wallTimeOf, type WallTime } from './wall-time.ts'
import type { Zone } from './zone.ts'

export type RangeInput =
  | { status: 'rolling'; t: string }
  | { status: 'fixed'; from: number; to: number }
  | { status: 'invalid'; message: string }

type Clock = { now: number; zone: Zone }
/** What one side of a range says: an instant, or a whole day. */
type Moment = { from: number; to: number }

const MINUTE_MS = 60_000
const AROUND_MS = 30 * MINUTE_MS
const MAX_LENGTH = 200
const UNITS: Record<string, string> = { m: 'm', min: 'm', minute: 'm', h: 'h', hr: 'h', hour: 'h' }
const MONTHS = 'jan feb mar apr may jun jul aug sep oct nov dec'.split(' ')
export const RANGE_EXAMPLES = '6h, yesterday, 14:00 to 15:30, 2026-11-22 14:00 to 15:30'

/**
 * Reads a range as people type or paste it: `6h`, `last 30 minutes`, `yesterday`, `today`, a day,
 * two instants in words, ISO 8601 or epoch, and one instant (half an hour to either side of it).
 * Times without an offset are read in the page's zone.
 */
export function parseRangeInput(typed: string, clock: Clock): RangeInput {
  const text = typed.trim().toLowerCase().replaceAll(/\s+/g, ' ').slice(0, MAX_LENGTH)
  if (text === '') return invalid('Type a range')
  const rolling = rollingOf(text)
  if (rolling !== undefined) return rolling
  const since = /^(?:since|from) (.+?)(?: to now)?$/.exec(text)?.[1]
  const [first, second] = since === undefined ? sidesOf(text) : [since, 'now']
  const from = momentOf(first, clock)
  if (from === undefined) return invalid(`'${clip(first)}' is no time; try ${RANGE_EXAMPLES}`)
  if (second === undefined) {
    if (from.to > from.from) return fixed(from.from, from.to)
    return fixed(from.from - AROUND_MS, from.from + AROUND_MS)
  }
  const to = endOf(second, { from: from.from, ...clock })
  if (to === undefined) return invalid(`'${clip(second)}' is no time; try ${RANGE_EXAMPLES}`)
  return fixed(from.from, to)
}

function rollingOf(text: string): RangeInput | undefined {
  const match = /^(?:(?:the )?(?:last|past) )?(\d{0,5}) ?([a-z]+)$/.exec(text)
  if (match === null) return undefined
  const [, digits = '', word = ''] = match
  const unit = word.length > 1 ? word.replace(/s$/, '') : word
  const count = digits === '' ? 1 : Number(digits)
  if (digits === '' && !/^(?:the )?(?:last|past) /.test(text)) return undefined
  if (/^(d|day|w|wk|week)$/.test(unit)) return lengthOf(count * (unit.startsWith('w') ? 7 : 1), 'd')
  const known = UNITS[unit]
  return known === undefined ? undefined : lengthOf(count, known)
}

function lengthOf(count: number, unit: string): RangeInput {
  const isHours = unit === 'm' && count > 9_999 && count % 60 === 0
  const t = isHours ? `${count / 60}h` : `${count}${unit}`
  return parseRange(t) === undefined
    ? invalid(`A range is from 1 minute to 90 days long, not ${t}`)
    : { status: 'rolling', t }
}

/** Apart at a word or sign that no time has in it; a slash is ISO's. */
function sidesOf(text: string): [string, string?] {
  const apart = /^(.+?)(?: (?:to|until|till|-) | ?(?:–|—|\.\.|→|\/) ?)(.+)$/.exec(text)
  return apart === null ? [text] : [apart[1] ?? '', apart[2] ?? '']
}

function endOf(text: string, clock: Clock & { from: number }): number | undefined {
  const time = timeOf(text)
  if (time === undefined) return momentOf(text, clock)?.to
  const { year, month, day } = wallTimeOf(clock.from, clock.zone)
  const sameDay = instantOf({ year, month, day, ...time }, clock.zone)
  if (sameDay > clock.from) return sameDay
  return instantOf({ year, month, day: day + 1, ...time }, clock.zone)
}

function momentOf(text: string, clock: Clock): Moment | undefined {
  if (text === 'now') return at(clock.now)
  const epoch = /^(\d{10})(\d{3})?$/.exec(text)
  if (epoch !== null) return at(Number(`${epoch[1]}${epoch[2] ?? '000'}`))
  const time = timeOf(text)
  if (time !== undefined) return lastTime(time, clock)
  return offsetMoment(text) ?? dateMoment(text, clock)
}

/** A day in the page's zone, or a time of one; today ends now. */
function dateMoment(text: string, clock: Clock): Moment | undefined {
  const [date, rest = ''] = dateOf(text, clock) ?? []
  if (date === undefined) return undefined
  if (rest === '') {
    const from = instantOf(date, clock.zone)
    const next = instantOf({ ...date, day: date.day + 1 }, clock.zone)
    return { from, to: text === 'today' ? Math.max(from + MINUTE_MS, clock.now) : next }
  }
  const time = timeOf(rest)
  return time === undefined ? undefined : at(instantOf({ ...date, ...time }, clock.zone))
}

/** A date that the text begins with, and what follows it. */
function dateOf(text: string, { now, zone }: Clock): [WallTime, string] | undefined {
  const word = /^(today|yesterday)(?:,? (?:at )?(.+))?$/.exec(text)
  if (word !== null) {
    const { year, month, day } = wallTimeOf(now, zone)
    return [{ year, month, day: day - (word[1] === 'yesterday' ? 1 : 0) }, word[2] ?? '']
  }
  const iso = /^(\d{4})-(\d{2})-(\d{2})(?:(?:t|,? )(.+))?$/.exec(text)
  if (iso !== null) return realDate([iso[1], iso[2], iso[3]], iso[4])
  const dayFirst = /^(\d{1,2}) ([a-z]{3,9})\.?(?: (\d{4}))?(?:,? (.+))?$/.exec(text)
  const monthFirst = /^([a-z]{3,9})\.? (\d{1,2})(?:,? (\d{4}))?(?:,? (.+))?$/.exec(text)
  const [, one = '', two = '', typedYear, rest] = dayFirst ?? monthFirst ?? []
  const [dayText, name] = dayFirst === null ? [two, one] : [one, two]
  const month = MONTHS.indexOf(name.slice(0, 3)) + 1
  if (month === 0) return undefined
  const year = typedYear ?? String(latestYear({ month, day: Number(dayText) }, { now, zone }))
  return realDate([year, String(month), dayText], rest)
}

function realDate(
  [year, month, day]: [string?, string?, string?],
  rest = '',
): [WallTime, string] | undefined {
  const date = { year: Number(year), month: Number(month), day: Number(day) }
  return isWallTime(date) ? [date, rest] : undefined
}

/** Without a year a date means its latest coming that is not after today. */
function latestYear({ month, day }: { month: number; day: number }, { now, zone }: Clock): number {
  const today = wallTimeOf(now, zone)
  const isLater = month > today.month || (month === today.month && day > today.day)
  return today.year - (isLater ? 1 : 0)
}

type TimeOfDay = { hour: number; minute: number; second: number; ms: number }

function timeOf(text: string): TimeOfDay | undefined {
  const match = /^(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?$/.exec(text)
  if (match === null) return undefined
  const time = {
    hour: Number(match[1]),
    minute: Number(match[2]),
    second: Number(match[3] ?? 0),
    ms: Number((match[4] ?? '0').padEnd(3, '0').slice(0, 3)),
  }
  const isMidnight = time.hour === 24 && time.minute + time.second + time.ms === 0
  return isMidnight || isWallTime({ year: 2_000, month: 1, day: 1, ...time }) ? time : undefined
}

/** A time of day alone is the last one that has been. */
function lastTime(time: TimeOfDay, { now, zone }: Clock): Moment {
  const { year, month, day } = wallTimeOf(now, zone)
  const today = instantOf({ year, month, day, ...time }, zone)
  return at(today <= now ? today : instantOf({ year, month, day: day - 1, ...time }, zone))
}

/** ISO 8601 with an offset of its own. */
function offsetMoment(text: string): Moment | undefined {
  const iso = /^(\d{4}-\d{2}-\d{2})[t ](.+?) ?(z|utc|[+-]\d{2}:?\d{2})$/.exec(text)
  const [, date = '', time = '', offset = ''] = iso ?? []
  if (timeOf(time) === undefined) return undefined
  const zone = /^(z|utc)$/.test(offset) ? 'Z' : offset.replace(/^(...)(..)$/, '$1:$2')
  const ms = Date.parse(`${date}T${time.replace(',', '.')}${zone}`)
  return Number.isNaN(ms) ? undefined : at(ms)
}

function at(ms: number): Moment {
  return { from: ms, to: ms }
}

function fixed(from: number, to: number): RangeInput {
  if (from >= to) return invalid('The range ends before it begins')
  if (to - from > MAX_RANGE_MS) return invalid('A range is at most 90 days long')
  return { status: 'fixed', from, to }
}

function invalid(message: string): RangeInput {
  return { status: 'invalid', message }
}

function clip(text: string): string {
  return text.length > 40 ? `${text.slice(0, 40)}…` : text
}
