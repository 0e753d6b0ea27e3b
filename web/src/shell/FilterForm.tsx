import { FILTER_OPS, formatFilterTerm, type FilterOp } from '@sightline/server/contract'
import { useQuery } from '@tanstack/react-query'
import { useState, type SubmitEvent } from 'react'
import { fieldValuesQuery } from '../api/shell-queries.ts'
import { countText } from '../lib/format.ts'
import { fuzzyScore } from '../lib/fuzzy.ts'
import { parseAmount } from '../lib/query-amount.ts'
import { findField, QUERY_FIELDS, type FieldKind, type QueryField } from '../lib/query-fields.ts'
import type { FilterFormProps } from '../ui/FilterBar.tsx'
import { SearchList } from '../ui/SearchList.tsx'
import { useFocusOnMount } from '../ui/use-focus-on-mount.ts'
import { useRangeNow } from './use-range-now.ts'

const OPS: Record<FieldKind, readonly FilterOp[]> = {
  text: ['eq', 'ne', 'has', 'exists'],
  status: ['eq', 'ne'],
  number: ['gt', 'gte', 'lt', 'lte', 'exists'],
  score: ['gt', 'gte', 'lt', 'lte', 'exists'],
  attribute: ['eq'],
  words: ['has'],
}
const OP_NAMES: Record<FilterOp, string> = {
  eq: 'is',
  ne: 'is not',
  in: 'is one of',
  gt: 'over',
  gte: 'from',
  lt: 'under',
  lte: 'up to',
  has: 'contains',
  exists: 'is there',
}
const OWN_FIELDS = { 'attr.': 'attribute…', 'score.': 'score…' }
const UNIT_NAMES = { ms: 'ms, or 4s', USD: 'USD', tokens: 'tokens, or 2k' }

export function FilterForm({ initial, others, onDone }: FilterFormProps) {
  const [field, setField] = useState(initial.field)
  const [op, setOp] = useState<FilterOp>(initial.op)
  const kind = findField(field)?.kind ?? 'text'
  const ops = [...new Set([op, ...OPS[kind]])].toSorted(
    (a, b) => FILTER_OPS.indexOf(a) - FILTER_OPS.indexOf(b),
  )
  const done = (value: string): void => onDone(formatFilterTerm({ field, op, value }))
  const start = initial.field === field ? initial.value : ''
  const onField = (next: string): void => {
    setField(next)
    const possible = OPS[findField(next)?.kind ?? 'text']
    if (!possible.includes(op)) setOp(possible[0] ?? 'eq')
  }
  return (
    <div className="filter-form">
      <FieldChoice field={field} onField={onField} />
      <select
        className="search-input"
        aria-label="Comparison"
        value={op}
        onChange={(event) => setOp(ops.find((one) => one === event.currentTarget.value) ?? 'eq')}
      >
        {ops.map((one) => (
          <option key={one} value={one}>
            {OP_NAMES[one]}
          </option>
        ))}
      </select>
      <Value
        key={`${field} ${op === 'exists'}`}
        op={op}
        field={field}
        start={start}
        others={others}
        done={done}
      />
    </div>
  )
}

type ValueProps = {
  op: FilterOp
  field: string
  start: string
  others: readonly string[]
  done: (value: string) => void
}

function Value({ op, field, start, others, done }: ValueProps) {
  const known = findField(field)
  if (op === 'exists') return <Existence onDone={done} />
  switch (known?.kind) {
    case 'number':
    case 'score':
    case 'words':
      return <TypedValue field={known} start={start} onDone={done} />
    case 'text':
    case 'status':
    case 'attribute':
    case undefined:
      return <KnownValue field={field} start={start} others={others} onDone={done} />
  }
}

function FieldChoice({ field, onField }: { field: string; onField: (field: string) => void }) {
  const own = Object.keys(OWN_FIELDS).find((prefix) => field.startsWith(prefix))
  return (
    <>
      <select
        className="search-input"
        aria-label="Field"
        data-testid="filter-field"
        value={own ?? field}
        onChange={(event) => onField(event.currentTarget.value)}
      >
        {QUERY_FIELDS.map((one) => (
          <option key={one.field} value={one.field}>
            {one.field}
          </option>
        ))}
        {Object.entries(OWN_FIELDS).map(([prefix, name]) => (
          <option key={prefix} value={prefix}>
            {name}
          </option>
        ))}
      </select>
      {own !== undefined && (
        <input
          className="search-input filter-wide"
          aria-label={own === 'attr.' ? 'Attribute' : 'Score'}
          placeholder={own === 'attr.' ? 'attribute, such as http.route' : 'name of the score'}
          autoComplete="off"
          spellCheck={false}
          value={field.slice(own.length)}
          onChange={(event) => onField(own + event.currentTarget.value)}
        />
      )}
    </>
  )
}

function Existence({ onDone }: { onDone: (value: string) => void }) {
  return (
    <div className="filter-wide filter-choice">
      <button type="button" className="btn" onClick={() => onDone('true')}>
        Yes
      </button>
      <button type="button" className="btn" onClick={() => onDone('false')}>
        No
      </button>
    </div>
  )
}

type TypedValueProps = {
  field: QueryField | undefined
  start: string
  onDone: (value: string) => void
}

function TypedValue({ field, start, onDone }: TypedValueProps) {
  const [text, setText] = useState(start)
  const [problem, setProblem] = useState('')
  const input = useFocusOnMount<HTMLInputElement>()
  const isAmount = field?.kind !== 'words'
  const value = isAmount ? parseAmount(text.trim(), field?.unit) : text.trim()
  const onSubmit = (event: SubmitEvent): void => {
    event.preventDefault()
    if (value !== undefined && value !== '') onDone(value)
    else setProblem(isAmount ? `'${text}' is no amount` : 'Type what to look for')
  }
  return (
    <form className="filter-wide filter-choice" onSubmit={onSubmit}>
      <input
        ref={input}
        className="search-input"
        aria-label="Value"
        aria-describedby="filter-problem"
        aria-invalid={problem !== ''}
        autoComplete="off"
        data-testid="filter-value"
        placeholder={field?.unit === undefined ? '' : UNIT_NAMES[field.unit]}
        value={text}
        onChange={(event) => {
          setText(event.currentTarget.value)
          setProblem('')
        }}
      />
      <button type="submit" className="btn primary">
        Apply
      </button>
      <span className="crit" id="filter-problem" role="status">
        {problem}
      </span>
    </form>
  )
}

type KnownValueProps = {
  field: string
  start: string
  others: readonly string[]
  onDone: (value: string) => void
}

/** Values the field has in this range; anything else can be typed. */
function KnownValue({ field, start, others, onDone }: KnownValueProps) {
  const [text, setText] = useState(start)
  const range = useRangeNow()
  const isNamed = findField(field) !== undefined
  const values = useQuery(fieldValuesQuery(field, { ...range, f: others }, isNamed))
  const typed = text.trim()
  const found = (values.data?.items ?? [])
    .flatMap(({ value, count }) => {
      const score = fuzzyScore(typed === start ? '' : typed, value)
      return score === null ? [] : [{ value, count, score }]
    })
    .toSorted((a, b) => b.score - a.score)
    .slice(0, 50)
  const isKnown = found.some(({ value }) => value === typed)
  const options = [
    ...found.map(({ value, count }) => ({ id: value, label: value, hint: countText(count) })),
    ...(typed === '' || isKnown ? [] : [{ id: typed, label: `“${typed}”`, hint: 'as typed' }]),
  ]
  return (
    <div className="filter-wide" aria-busy={values.isFetching}>
      <SearchList
        label="Value"
        placeholder={values.isPending && isNamed ? 'Loading values' : 'Value'}
        testId="filter-value"
        text={text}
        onText={setText}
        groups={[{ title: '', options }]}
        onChoose={onDone}
        whenEmpty={emptyText()}
      />
    </div>
  )

  function emptyText(): string {
    if (!isNamed) return 'Name the field first.'
    if (values.isPending) return 'Loading values'
    if (values.isError) return `Values could not be loaded: ${values.error.message}`
    return 'No value in this range. Type one.'
  }
}
