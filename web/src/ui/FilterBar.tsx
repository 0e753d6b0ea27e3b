import { Popover } from '@mantine/core'
import { parseFilterTerm, type FilterOp, type FilterTerm } from '@sightline/server/contract'
import { IconPlus, IconX } from '@tabler/icons-react'
import { Suspense, useState, type ComponentType, type ReactNode } from 'react'

export type FilterFormProps = {
  /** What the form begins with. */
  initial: FilterTerm
  /** The other filters of the page: they narrow what values there are. */
  others: readonly string[]
  onDone: (raw: string) => void
}
type FilterBarProps = {
  filters: readonly string[]
  onFilters: (filters: string[]) => void
  form: ComponentType<FilterFormProps>
}

/** Fields people filter by most stand there before they are used. */
const OFFERED = [
  { field: 'environment', name: 'env' },
  { field: 'service', name: 'service' },
  { field: 'model', name: 'model' },
]
const SIGNS: Record<FilterOp, string> = {
  eq: '',
  ne: 'not',
  in: '',
  gt: '>',
  gte: '≥',
  lt: '<',
  lte: '≤',
  has: 'has',
  exists: 'is there:',
}

export function FilterBar({ filters, onFilters, form }: FilterBarProps) {
  const terms = filters.flatMap((raw) => {
    const parsed = parseFilterTerm(raw)
    return parsed.status === 'ok' ? [{ raw, term: parsed.term }] : []
  })
  const offered = OFFERED.filter(({ field }) => terms.every(({ term }) => term.field !== field))
  const add = (raw: string): void => onFilters([...new Set([...filters, raw])])
  return (
    <div className="filters" role="group" aria-label="Filters">
      {terms.map(({ raw, term }) => (
        <span className="chip" key={raw} data-testid="filter-chip">
          <FilterPopover
            form={form}
            initial={term}
            others={filters.filter((one) => one !== raw)}
            onDone={(next) => onFilters([...new Set(filters.map((o) => (o === raw ? next : o)))])}
            className="chip-text"
            testId="filter-text"
          >
            <span className="sr-only">Change filter </span>
            {term.field === 'environment' ? 'env' : term.field} {SIGNS[term.op]} <b>{term.value}</b>
          </FilterPopover>
          <button
            type="button"
            className="chip-remove"
            aria-label={`Remove filter ${raw}`}
            onClick={() => onFilters(filters.filter((one) => one !== raw))}
          >
            <IconX size={12} aria-hidden="true" />
          </button>
        </span>
      ))}
      {offered.map(({ field, name }) => (
        <FilterPopover
          key={field}
          form={form}
          initial={{ field, op: 'eq', value: '' }}
          others={filters}
          onDone={add}
          className="chip chip-offer"
        >
          {name} <b>any</b>
        </FilterPopover>
      ))}
      <FilterPopover
        form={form}
        initial={{ field: 'status', op: 'eq', value: '' }}
        others={filters}
        onDone={add}
        className="btn ghost"
        testId="add-filter"
      >
        <IconPlus size={14} aria-hidden="true" />
        Filter<kbd className="kbd">F</kbd>
      </FilterPopover>
    </div>
  )
}

type FilterPopoverProps = FilterFormProps & {
  form: FilterBarProps['form']
  className: string
  testId?: string
  children: ReactNode
}

function FilterPopover(props: FilterPopoverProps) {
  const { form: Form, initial, others, onDone, className, testId, children } = props
  const [isOpen, setOpen] = useState(false)
  return (
    <Popover opened={isOpen} onChange={setOpen} position="bottom-start">
      <Popover.Target>
        <button
          type="button"
          className={className}
          data-testid={testId}
          onClick={() => setOpen(!isOpen)}
        >
          {children}
        </button>
      </Popover.Target>
      <Popover.Dropdown className="popover filter-menu" aria-label="Filter" data-keys-off>
        <Suspense>
          <Form
            initial={initial}
            others={others}
            onDone={(raw) => {
              setOpen(false)
              onDone(raw)
            }}
          />
        </Suspense>
      </Popover.Dropdown>
    </Popover>
  )
}
