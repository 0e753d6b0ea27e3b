import { formatFilterTerm, GROUP_FIELDS, type FilterTerm } from '@sightline/server/contract'

/** What can be done with one value; a text instead of a filter is the reason why it cannot. */
export type ValueActions = {
  include: Action
  exclude: Action
  group: Action
}
export type Action =
  | { status: 'possible'; filter: string }
  | { status: 'impossible'; reason: string }

/** For a value of a field that traces are filtered by. */
export function typedActions({ field, value }: { field: string; value: string }): ValueActions {
  const isGroup = GROUP_FIELDS.some((one) => one === field) || GROUPED_BESIDE.includes(field)
  return {
    include: possible({ field, op: 'eq', value }),
    exclude: possible({ field, op: 'ne', value }),
    group: isGroup
      ? possible({ field, op: 'exists', value: 'true' })
      : impossible('traces are not counted by this field'),
  }
}

/** Counted beside the list of traces too. */
const GROUPED_BESIDE = ['tag', 'user', 'session']

export function possible(term: FilterTerm): Action {
  return { status: 'possible', filter: formatFilterTerm(term) }
}

export function impossible(reason: string): Action {
  return { status: 'impossible', reason }
}
