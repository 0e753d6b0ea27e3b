import { FILTER_FIELDS, formatFilterTerm, type ExplainItem } from '@sightline/server/contract'

/** Fields of explanations that the trace list knows under another name. */
const FILTER_NAMES: Record<string, string> = { step: 'name', tool: 'attr.gen_ai.tool.name' }

/** The filter that lists the traces which carry an explained value; null where none can. */
export function itemFilter({ field, value }: Pick<ExplainItem, 'field' | 'value'>): string | null {
  const name = FILTER_NAMES[field] ?? field
  const isKnown = /^(attr|score)\../.test(name) || FILTER_FIELDS.some((known) => known === name)
  return isKnown ? formatFilterTerm({ field: name, op: 'eq', value }) : null
}
