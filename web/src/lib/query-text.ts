// The query bar's one line and the URL's filter terms, read and written.
//
//   model:gpt-5-mini  -model:x  model:a,b  name~part  dur>4s  cost<=0.01  user:*  -user:*
//   words  "quoted words"  field:op:value (a term as the API takes it)

import {
  FILTER_OPS,
  formatFilterTerm,
  inListValues,
  MAX_FILTER_TERMS,
  parseFilterTerm,
  type FilterOp,
} from '@sightline/server/contract'
import { amountText, parseAmount } from './query-amount.ts'
import { findField, type QueryField } from './query-fields.ts'
import { lexQuery, quote, type Lexeme } from './query-lexer.ts'

export type QueryToken = {
  from: number
  to: number
  /** As typed, before the operator; null for words to search for. */
  field: string | null
  /** Where the operator ends and the value begins; the token's start for words. */
  valueFrom: number
  /** Terms of the filter, as the URL holds them. */
  terms: readonly string[]
  /** Why this cannot be asked. */
  issue: string | null
}
export type ParsedQuery = { tokens: QueryToken[]; terms: string[]; isValid: boolean }

type Reading = { terms: string[]; issue?: string }
type Sign = ':' | '~' | '>' | '>=' | '<' | '<=' | '!='

const MAX_TERM_LENGTH = 500
const ORDER: Partial<Record<Sign, FilterOp>> = { '>': 'gt', '>=': 'gte', '<': 'lt', '<=': 'lte' }
const SIGNS: Partial<Record<FilterOp, Sign>> = {
  eq: ':',
  gt: '>',
  gte: '>=',
  lt: '<',
  lte: '<=',
  has: '~',
}
const RAW_OP = new RegExp(`^(${FILTER_OPS.join('|')}):`)

export function parseQuery(input: string): ParsedQuery {
  const tokens = lexQuery(input).map((lexeme) => readToken(lexeme, input))
  const terms: string[] = []
  const checked = tokens.map((token) => {
    terms.push(...token.terms)
    if (token.issue !== null || terms.length <= MAX_FILTER_TERMS) return token
    return { ...token, issue: `at most ${MAX_FILTER_TERMS} terms are read` }
  })
  return {
    tokens: checked,
    terms: [...new Set(terms)],
    isValid: checked.every(({ issue }) => issue === null),
  }
}

/** The shortest line that reads back as exactly these terms. */
export function printQuery(terms: readonly string[]): string {
  return terms.map(printTerm).join(' ')
}

export function printTerm(raw: string): string {
  const parsed = parseFilterTerm(raw)
  if (parsed.status === 'invalid') return quote(raw)
  const { field, op, value } = parsed.term
  const info = findField(field)
  const pretty = info === undefined ? undefined : prettyTerm(info, op, value)
  if (pretty !== undefined) {
    const back = parseQuery(pretty)
    if (back.terms.length === 1 && back.terms[0] === raw && back.isValid) return pretty
  }
  return `${nameText(field)}:${op}:${/[\s"]/.test(value) ? quote(value) : value}`
}

function prettyTerm(info: QueryField, op: FilterOp, value: string): string | undefined {
  const name = nameText(info.name)
  if (info.kind === 'words' && op === 'has') return wordText(value)
  if (op === 'exists') return value === 'false' ? `-${name}:*` : `${name}:*`
  if (op === 'in') return `${name}:${inListValues(value).map(valueText).join(',')}`
  const shown = info.unit === undefined ? valueText(value) : amountText(value, info.unit)
  if (op === 'ne') return `-${name}:${shown}`
  return `${name}${SIGNS[op] ?? ':'}${shown}`
}

function readToken(lexeme: Lexeme, input: string): QueryToken {
  const { from, to, text } = lexeme
  const sign = findSign(lexeme)
  if (sign === undefined) {
    const issue = issueOfWord(lexeme)
    const terms = issue === undefined ? [`text:has:${text}`] : []
    return withChecks({ from, to, field: null, valueFrom: from, terms, issue: issue ?? null })
  }
  const isNot = text.startsWith('-') && lexeme.quoted[0] === false
  const typed = text.slice(isNot ? 1 : 0, sign.at)
  const value = partOf(lexeme, sign.at + sign.length)
  const place = { from, to, field: typed, valueFrom: valueStart(input, lexeme, sign) }
  const info = findField(typed)
  if (info === undefined) {
    const issue = `unknown field '${clip(typed)}'; put it in quotes to search for it as text`
    return { ...place, terms: [], issue }
  }
  const reading = lexeme.isClosed
    ? readTerm({ info, sign: sign.sign, isNot, value })
    : { terms: [], issue: 'the quote is not closed' }
  return withChecks({ ...place, terms: reading.terms, issue: reading.issue ?? null })
}

function issueOfWord({ text, quoted, isClosed }: Lexeme): string | undefined {
  if (!isClosed) return 'the quote is not closed'
  if (text.trim() === '') return 'there is nothing to search for'
  if (text.startsWith('-') && quoted[0] === false) {
    return 'text cannot be excluded; put it in quotes to search for it'
  }
  return undefined
}

type Asked = { info: QueryField; sign: Sign; isNot: boolean; value: Part }

function readTerm({ info, sign, isNot, value }: Asked): Reading {
  const raw = sign === ':' && !isNot ? rawTerm(value) : undefined
  if (raw !== undefined) return readRaw(info, raw)
  if (value.text === '' && !value.hasQuote) {
    return refused(`give a value after ${info.name}${sign}`)
  }
  const order = ORDER[sign]
  if (order === undefined && sign !== '~' && info.kind !== 'words') {
    return readEqual(info, isNot !== (sign === '!='), value)
  }
  if (isNot) return refused(`'-' goes with '${info.name}:' only`)
  return readOne(info, order ?? 'has', value.text)
}

function readEqual(info: QueryField, isOut: boolean, value: Part): Reading {
  if (isBare(value) && value.text === '*') {
    const term = { field: info.field, op: 'exists', value: String(!isOut) } as const
    return { terms: [formatFilterTerm(term)] }
  }
  return readList(info, isOut, listOf(value))
}

/** A term as the API takes it, without units. */
function readRaw(info: QueryField, { op, value }: { op: FilterOp; value: string }): Reading {
  const terms = [formatFilterTerm({ field: info.field, op, value })]
  return isOrdered(info, op) ? { terms } : { terms, issue: `${info.name} has no order` }
}

function readList(info: QueryField, isOut: boolean, values: readonly string[]): Reading {
  const [first = ''] = values
  if (isOut || values.length === 1) {
    const readings = values.map((one) => readOne(info, isOut ? 'ne' : 'eq', one))
    const issue = readings.find((one) => one.issue !== undefined)?.issue
    return {
      terms: readings.flatMap(({ terms }) => terms),
      ...(issue === undefined ? {} : { issue }),
    }
  }
  const amounts = values.map((one) => readOne(info, 'eq', one))
  const wrong = amounts.find((one) => one.issue !== undefined)
  if (wrong !== undefined || first === '') {
    return { terms: [], issue: wrong?.issue ?? 'the list has an empty value' }
  }
  const members = amounts.map(({ terms }) => terms[0]?.slice(info.field.length + 4) ?? '')
  const value = members.map((one) => one.replaceAll('%', '%25').replaceAll(',', '%2C')).join(',')
  return { terms: [formatFilterTerm({ field: info.field, op: 'in', value })] }
}

function readOne(info: QueryField, op: FilterOp, typed: string): Reading {
  const { field, kind, name, unit } = info
  if (!isOrdered(info, op)) return refused(`${name} has no order`)
  if (kind === 'status' && typed !== 'ok' && typed !== 'error') {
    return refused('status is ok or error')
  }
  const isAmount = unit !== undefined || (kind === 'score' && isOrder(op))
  const value = isAmount ? parseAmount(typed, unit) : typed
  if (value === undefined) {
    return refused(`${name} is compared with a number, not '${clip(typed)}'`)
  }
  return { terms: [formatFilterTerm({ field, op, value })] }
}

function refused(issue: string): Reading {
  return { terms: [], issue }
}

function isOrder(op: FilterOp): boolean {
  return op === 'gt' || op === 'gte' || op === 'lt' || op === 'lte'
}

function isOrdered({ kind }: QueryField, op: FilterOp): boolean {
  return !isOrder(op) || kind === 'number' || kind === 'score'
}

type Part = { text: string; quoted: readonly boolean[]; hasQuote: boolean }

function partOf({ text, quoted, hasQuote }: Lexeme, from: number): Part {
  return { text: text.slice(from), quoted: quoted.slice(from), hasQuote }
}

function isBare({ quoted }: Part): boolean {
  return !quoted.includes(true)
}

function listOf({ text, quoted }: Part): string[] {
  const values = ['']
  for (let at = 0; at < text.length; at += 1) {
    if (text[at] === ',' && quoted[at] === false) values.push('')
    else values[values.length - 1] += text[at] ?? ''
  }
  return values
}

/** `op:value` after a field's colon, the API's own form. */
function rawTerm({ text, quoted }: Part): { op: FilterOp; value: string } | undefined {
  const match = RAW_OP.exec(text)
  const op = FILTER_OPS.find((one) => one === match?.[1])
  if (match === null || op === undefined) return undefined
  if (quoted.slice(0, match[0].length).includes(true)) return undefined
  return { op, value: text.slice(match[0].length) }
}

type FoundSign = { sign: Sign; at: number; length: number }

function findSign({ text, quoted }: Lexeme): FoundSign | undefined {
  for (let at = 0; at < text.length; at += 1) {
    if (quoted[at] === true) continue
    const two = quoted[at + 1] === false ? text.slice(at, at + 2) : ''
    if (two === '>=' || two === '<=' || two === '!=') return { sign: two, at, length: 2 }
    const one = text[at]
    if (one === ':' || one === '~' || one === '>' || one === '<')
      return { sign: one, at, length: 1 }
    if (one === '=') return { sign: ':', at, length: 1 }
  }
  return undefined
}

/** In the input, quotes included: found by reading ever longer starts of the word. */
function valueStart(input: string, { from, to }: Lexeme, { at, length }: FoundSign): number {
  for (let end = from; end < to; end += 1) {
    const read = lexQuery(input.slice(from, end))[0]
    if (read !== undefined && read.text.length === at + length && read.isClosed) return end
  }
  return to
}

function withChecks(token: QueryToken): QueryToken {
  const tooLong = token.terms.some((term) => term.length > MAX_TERM_LENGTH)
  if (!tooLong) return token
  return { ...token, terms: [], issue: `longer than ${MAX_TERM_LENGTH} characters` }
}

function nameText(name: string): string {
  const prefix = /^(attr|score)\./.exec(name)?.[0] ?? ''
  const rest = name.slice(prefix.length)
  return /[\s":<>=~!\\]/.test(rest) ? prefix + quote(rest) : name
}

function wordText(value: string): string {
  return /[\s":<>=~!]|^-/.test(value) || value === '' ? quote(value) : value
}

export function valueText(value: string): string {
  const isPlain = /^[^\s",<>=~:*][^\s",]*$/.test(value) && !RAW_OP.test(value)
  return isPlain ? value : quote(value)
}

function clip(value: string): string {
  return value.length > 40 ? `${value.slice(0, 40)}…` : value
}
