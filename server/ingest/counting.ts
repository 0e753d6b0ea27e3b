import type { OtlpScope } from './otlp.ts'

/**
 * Senders whose counts differ from OTel's definition (cache inside input, reasoning inside output)
 * under the same attribute names. Told by scope, and by version where a release changed it.
 */
type Counting = { cache: 'inclusive' | 'exclusive'; reasoning: 'inclusive' | 'exclusive' }

const RULES: readonly (Partial<Counting> & { scope: RegExp; below?: readonly [number, number] })[] =
  [
    // OpenLLMetry JS sends Anthropic's uncached input; fixed after 0.27.
    { scope: /^@traceloop\/instrumentation-anthropic$/, below: [0, 28], cache: 'exclusive' },
    { scope: /^@traceloop\/instrumentation-google-generativeai$/, reasoning: 'exclusive' },
    { scope: /^openlit/, cache: 'exclusive' },
  ]

const OTEL: Counting = { cache: 'inclusive', reasoning: 'inclusive' }

const known = new WeakMap<OtlpScope, Counting>()

export function countingOf(scope: OtlpScope): Counting {
  const cached = known.get(scope)
  if (cached !== undefined) return cached
  let counting = OTEL
  for (const { scope: pattern, below, ...rule } of RULES) {
    if (!pattern.test(scope.name) || !isBelow(scope.version, below)) continue
    counting = { ...counting, ...rule }
  }
  known.set(scope, counting)
  return counting
}

function isBelow(version: string, limit: readonly [number, number] | undefined): boolean {
  if (limit === undefined) return true
  const [major = 0, minor = 0] = version.split('.').map(Number)
  return major < limit[0] || (major === limit[0] && minor < limit[1])
}
