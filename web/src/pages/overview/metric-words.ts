type Words = { subject: string; verb: 'is' | 'are' }

const WORDS: Record<string, Words> = {
  requests: { subject: 'requests', verb: 'are' },
  errors: { subject: 'errors', verb: 'are' },
  tokens_input: { subject: 'input tokens', verb: 'are' },
  tokens_output: { subject: 'output tokens', verb: 'are' },
  tokens_cache_read: { subject: 'cached input tokens', verb: 'are' },
  tokens_cache_write: { subject: 'tokens written to cache', verb: 'are' },
  tokens_reasoning: { subject: 'reasoning tokens', verb: 'are' },
  tokens_total: { subject: 'tokens', verb: 'are' },
  cost: { subject: 'cost', verb: 'is' },
  error_rate: { subject: 'error rate', verb: 'is' },
  cache_hit_rate: { subject: 'cache hit rate', verb: 'is' },
  latency_avg: { subject: 'average latency', verb: 'is' },
  output_tokens_per_second_p50: { subject: 'p50 output tokens per second', verb: 'are' },
  cost_per_request: { subject: 'cost per request', verb: 'is' },
}

/** What a metric is called within a sentence. */
export function metricWords(metric: string): Words {
  const known = WORDS[metric]
  if (known !== undefined) return known
  const percentile = /^(latency|ttft)_(p\d+)$/.exec(metric)
  if (percentile !== null) {
    const what = percentile[1] === 'latency' ? 'latency' : 'time to first token'
    return { subject: `${percentile[2]} ${what}`, verb: 'is' }
  }
  const score = /^score_(pass_rate|avg)\.(.+)$/.exec(metric)
  if (score !== null) {
    const what = score[1] === 'avg' ? 'average score' : 'pass rate'
    return { subject: `${what} of ${score[2]}`, verb: 'is' }
  }
  return { subject: metric.replaceAll('_', ' '), verb: 'is' }
}

const TRACE_WORDS = [
  ['latency', 'slow traces'],
  ['ttft', 'slow traces'],
  ['error', 'failed traces'],
  ['cost', 'expensive traces'],
  ['tokens', 'large traces'],
] as const

/** What the traces are called that make a metric what it is. */
export function tracesWord(metric: string): string {
  return TRACE_WORDS.find(([start]) => metric.startsWith(start))?.[1] ?? 'traces'
}
