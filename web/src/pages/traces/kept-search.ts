/** What belongs to a view: filters, range, order, columns. What is looked at just now does not. */
const PASSING = ['peek', 'cmp']

export function keptSearch(search: string): string {
  const params = new URLSearchParams(search)
  for (const key of PASSING) params.delete(key)
  // As the router writes it, so that a view is known again by its address.
  const text = params.toString().replaceAll('%3A', ':')
  return text === '' ? '' : `?${text}`
}
