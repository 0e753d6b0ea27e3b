import { FILTER_FIELDS, formatFilterTerm, type ExplainItem } from '@sightline/server/contract'

/** Fields of explanations that the trace list knows under another name. */
const FILTER_NAMES: Record<string, string> = { step: 'name' }

/** The filter that lists the traces which carry an explained value; null where none can. */
export function itemFilter({ field, value }: Pick<ExplainItem, 'field' | 'value'>): string | null {
  const name = FILTER_NAMES[field] ?? field
  const isKnown = /^(attr|score)\../.test(name) || FILTER_FIELDS.some((known) => known === name)
  return isKnown ? formatFilterTerm({ field: name, op: 'eq', value }) : null
}

/** Fields whose contribution is time or money measured on the spans themselves. */
const MEASURED_FIELDS = ['tool', 'model', 'step']
const MAIN_PART = 0.5

/**
 * What is shown of an explanation: the tool, model or step that makes up most of the growth comes
 * before what merely goes along with it, and a provider is left out where its model stands.
 */
export function leadingItems(items: readonly ExplainItem[], count: number): ExplainItem[] {
  const isCause = ({ field, contribution }: ExplainItem) =>
    MEASURED_FIELDS.includes(field) && contribution >= MAIN_PART
  const causes = items.filter(isCause)
  const others = items.filter((item) => !isCause(item))
  const hasModel = items.some(({ field }) => field === 'model')
  return [...causes, ...others]
    .filter(({ field }) => field !== 'provider' || !hasModel)
    .slice(0, count)
}
