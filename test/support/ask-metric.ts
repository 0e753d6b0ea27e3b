import { MetricResult } from '../../server/contract/index.ts'

/** `GET /api/v1/metrics` of a running server. */
export async function askMetric(
  url: string,
  query: Record<string, string | number>,
): Promise<MetricResult> {
  const params = Object.entries(query).map(([name, value]): [string, string] => [name, `${value}`])
  const answer = await fetch(`${url}/api/v1/metrics?${new URLSearchParams(params).toString()}`)
  const text = await answer.text()
  if (answer.status !== 200) throw new Error(`/metrics answered ${answer.status}: ${text}`)
  return MetricResult.parse(JSON.parse(text))
}

/** The one point of `step=all`; sums without a call are 0, everything else null. */
export async function askTotal(
  url: string,
  query: { metric: string; from: number; to: number },
): Promise<{ value: number | null; n: number; storedThrough: number }> {
  const { series, storedThrough } = await askMetric(url, { ...query, step: 'all' })
  const point = series[0]?.points[0]
  return { value: point?.value ?? null, n: point?.n ?? 0, storedThrough }
}
