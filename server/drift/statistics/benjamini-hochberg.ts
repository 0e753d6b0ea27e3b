/** Step-up adjusted p-values (false discovery rate), in the order given. */
export function adjustPValues(pValues: readonly number[]): number[] {
  const order = pValues.map((p, i) => ({ p, i })).toSorted((a, b) => b.p - a.p)
  const adjusted = Array.from(pValues, () => 1)
  let least = 1
  order.forEach(({ p, i }, position) => {
    const rank = pValues.length - position
    least = Math.min(least, (p * pValues.length) / rank)
    adjusted[i] = least
  })
  return adjusted
}
