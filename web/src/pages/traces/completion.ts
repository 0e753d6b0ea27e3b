import { findField, QUERY_FIELDS, type QueryField } from '../../lib/query-fields.ts'
import { parseQuery, valueText } from '../../lib/query-text.ts'

/** What is being typed where the caret stands. */
export type Completion =
  | { kind: 'none' }
  /** The name of a field, or a word. `text.slice(from, to)` is replaced by what is chosen. */
  | { kind: 'field'; typed: string; sign: '' | '-'; from: number; to: number }
  | { kind: 'value'; info: QueryField; typed: string; from: number; to: number; others: string[] }

export type Suggestion = {
  id: string
  label: string
  detail?: string
  count?: number
  insert: string
  /** The line is complete with it: it is asked at once. */
  isFinal: boolean
}

export function completionAt(text: string, caret: number): Completion {
  const { tokens } = parseQuery(text)
  const token = tokens.find(({ from, to }) => caret > from && caret <= to)
  if (token === undefined) {
    const isInside = tokens.some(({ from, to }) => caret >= from && caret < to)
    return isInside
      ? { kind: 'none' }
      : { kind: 'field', typed: '', sign: '', from: caret, to: caret }
  }
  if (token.field === null) {
    const word = text.slice(token.from, caret)
    if (word.includes('"')) return { kind: 'none' }
    const sign = word.startsWith('-') ? '-' : ''
    return { kind: 'field', typed: word.slice(sign.length), sign, from: token.from, to: token.to }
  }
  const info = findField(token.field)
  if (info === undefined || caret < token.valueFrom) return { kind: 'none' }
  const value = text.slice(token.valueFrom, caret)
  const isList = info.kind !== 'number' && info.kind !== 'words'
  const from = token.valueFrom + (isList ? lastItemStart(value) : 0)
  const others = tokens.flatMap((one) => (one === token ? [] : one.terms))
  return {
    kind: 'value',
    info,
    typed: unquoted(text.slice(from, caret)),
    from,
    to: token.to,
    others,
  }
}

/** What can follow, as far as it is known without asking: fields, comparisons, plain values. */
export function ownSuggestions(completion: Completion): Suggestion[] {
  switch (completion.kind) {
    case 'none':
      return []
    case 'field':
      return fieldSuggestions(completion.typed, completion.sign)
    case 'value':
      return amountSuggestions(completion.info, completion.typed)
  }
}

const MAX_FIELDS = 24

function fieldSuggestions(typed: string, sign: '' | '-'): Suggestion[] {
  const exact = findField(typed)
  const wanted = typed.toLowerCase()
  const isHit = ({ name, field }: QueryField): boolean =>
    name.toLowerCase().startsWith(wanted) || field.startsWith(wanted)
  const fields = QUERY_FIELDS.filter((one) => isHit(one) && one.kind !== 'words' && one !== exact)
  const statuses = ['error', 'ok'].filter((value) => wanted !== '' && value.startsWith(wanted))
  return [
    ...(exact === undefined || sign === '-' ? [] : comparisonsOf(exact)),
    ...statuses.map((value) =>
      final(`status:${value}`, `${sign}status:${value}`, 'traces by status'),
    ),
    ...fields.slice(0, MAX_FIELDS).map(({ name, hint, kind }) => {
      const insert = `${sign}${name}${kind === 'number' && sign === '' ? '>' : ':'}`
      return { id: insert, label: insert, detail: hint, insert, isFinal: false }
    }),
    ...(sign === '' && 'attr.'.startsWith(wanted)
      ? [
          {
            id: 'attr.',
            label: 'attr.',
            detail: 'any attribute, by its key',
            insert: 'attr.',
            isFinal: false,
          },
        ]
      : []),
    ...(wanted === '' || exact !== undefined || sign === '-'
      ? []
      : [final(`text ${typed}`, valueText(typed), 'search prompts and answers')]),
  ]
}

function comparisonsOf({ name, kind }: QueryField): Suggestion[] {
  const signs: (readonly [before: string, after: string, detail: string])[] =
    kind === 'number' || kind === 'score'
      ? [
          ['', '>', 'over'],
          ['', '>=', 'from'],
          ['', '<', 'under'],
          ['', '<=', 'up to'],
        ]
      : [
          ['', ':', 'is'],
          ['-', ':', 'is not'],
          ...(kind === 'text' ? [['', '~', 'contains'] as const] : []),
        ]
  return [
    ...signs.map(([before, after, detail]) => {
      const insert = `${before}${name}${after}`
      return { id: insert, label: insert, detail, insert, isFinal: false }
    }),
    ...(kind === 'text' || kind === 'number'
      ? [
          final(`${name}:*`, `${name}:*`, 'is known'),
          final(`-${name}:*`, `-${name}:*`, 'is not known'),
        ]
      : []),
  ]
}

const AMOUNTS = {
  ms: ['500ms', '1s', '2s', '5s', '10s', '30s'],
  USD: ['0.001', '0.01', '0.1', '1'],
  tokens: ['1000', '4000', '16000', '100000'],
} as const

function amountSuggestions({ unit }: QueryField, typed: string): Suggestion[] {
  if (unit === undefined) return []
  return AMOUNTS[unit].filter((one) => one.startsWith(typed)).map((one) => final(one, one))
}

/** Values of a field that were seen in the range, with their traces. */
export function valueSuggestions(items: readonly { value: string; count: number }[]): Suggestion[] {
  return items.map(({ value, count }) => ({
    id: `value ${value}`,
    label: value === '' ? '(empty)' : value,
    count,
    insert: valueText(value),
    isFinal: true,
  }))
}

export function keySuggestions(items: readonly { value: string; count: number }[]): Suggestion[] {
  return items.map(({ value, count }) => {
    const key = /[\s":<>=~!\\]/.test(value) ? valueText(value) : value
    return {
      id: `key ${value}`,
      label: `attr.${value}`,
      count,
      insert: `attr.${key}:`,
      isFinal: false,
    }
  })
}

/** The line with the suggestion in it, and where the caret then stands. */
export function accepted(
  text: string,
  { from, to }: { from: number; to: number },
  { insert, isFinal }: Suggestion,
): { text: string; caret: number } {
  const after = text.slice(to)
  const gap = isFinal && !/^\s/.test(after) ? ' ' : ''
  const caret = from + insert.length + (isFinal ? 1 : 0)
  return { text: text.slice(0, from) + insert + gap + after, caret }
}

function final(label: string, insert: string, detail?: string): Suggestion {
  return {
    id: `final ${label}`,
    label,
    insert,
    isFinal: true,
    ...(detail === undefined ? {} : { detail }),
  }
}

function lastItemStart(value: string): number {
  let isQuoted = false
  let start = 0
  for (let at = 0; at < value.length; at += 1) {
    if (value[at] === '\\' && isQuoted) at += 1
    else if (value[at] === '"') isQuoted = !isQuoted
    else if (value[at] === ',' && !isQuoted) start = at + 1
  }
  return start
}

/** The half-typed value without its quotes. */
function unquoted(part: string): string {
  if (!part.startsWith('"')) return part
  return part.slice(1).replace(/"$/, '').replaceAll(/\\(.)/g, '$1')
}
