import { NativeSelect, Popover, TextInput } from '@mantine/core'
import { formatFilterTerm, parseFilterTerm, type FilterOp } from '@sightline/server/contract'
import { IconPlus, IconX } from '@tabler/icons-react'
import { useState, type SubmitEvent } from 'react'

type FilterBarProps = {
  filters: readonly string[]
  onAdd: (raw: string) => void
  onRemove: (raw: string) => void
}

const FIELDS = [
  'model',
  'service',
  'environment',
  'release',
  'provider',
  'operation',
  'status',
  'error.type',
  'prompt',
]
const OPS: { value: FilterOp; label: string }[] = [
  { value: 'eq', label: 'is' },
  { value: 'ne', label: 'is not' },
  { value: 'in', label: 'is one of' },
]
const OP_SIGNS: Partial<Record<FilterOp, string>> = {
  eq: '',
  ne: 'not',
  in: 'one of',
  gt: 'over',
  gte: 'from',
  lt: 'under',
  lte: 'up to',
}

export function FilterBar({ filters, onAdd, onRemove }: FilterBarProps) {
  return (
    <div className="filters">
      {filters.map((raw) => (
        <FilterChip key={raw} raw={raw} onRemove={() => onRemove(raw)} />
      ))}
      <AddFilter onAdd={onAdd} />
    </div>
  )
}

function FilterChip({ raw, onRemove }: { raw: string; onRemove: () => void }) {
  const parsed = parseFilterTerm(raw)
  if (parsed.status === 'invalid') return null
  const { field, op, value } = parsed.term
  return (
    <span className="chip">
      {field} {OP_SIGNS[op] ?? op} <b>{value}</b>
      <button type="button" aria-label={`Remove filter ${raw}`} onClick={onRemove}>
        <IconX size={12} aria-hidden="true" />
      </button>
    </span>
  )
}

function AddFilter({ onAdd }: { onAdd: (raw: string) => void }) {
  const [isOpen, setOpen] = useState(false)
  const [field, setField] = useState('model')
  const [op, setOp] = useState<FilterOp>('eq')
  const [value, setValue] = useState('')
  const onSubmit = (event: SubmitEvent): void => {
    event.preventDefault()
    if (value === '') return
    onAdd(formatFilterTerm({ field, op, value }))
    setValue('')
    setOpen(false)
  }
  return (
    <Popover opened={isOpen} onChange={setOpen} position="bottom-start" offset={6} trapFocus>
      <Popover.Target>
        <button
          type="button"
          className="btn ghost"
          data-testid="add-filter"
          onClick={() => setOpen(!isOpen)}
        >
          <IconPlus size={14} aria-hidden="true" />
          Filter<kbd className="kbd">F</kbd>
        </button>
      </Popover.Target>
      <Popover.Dropdown className="popover">
        <form className="filter-form" onSubmit={onSubmit}>
          <NativeSelect
            aria-label="Field"
            value={field}
            data={FIELDS}
            onChange={(event) => setField(event.currentTarget.value)}
          />
          <NativeSelect
            aria-label="Comparison"
            value={op}
            data={OPS}
            onChange={(event) =>
              setOp(OPS.find((one) => one.value === event.currentTarget.value)?.value ?? 'eq')
            }
          />
          <TextInput
            aria-label="Value"
            placeholder={op === 'in' ? 'a,b,c' : 'value'}
            value={value}
            data-autofocus
            onChange={(event) => setValue(event.currentTarget.value)}
          />
          <button type="submit" className="btn primary" disabled={value === ''}>
            Add
          </button>
        </form>
      </Popover.Dropdown>
    </Popover>
  )
}
