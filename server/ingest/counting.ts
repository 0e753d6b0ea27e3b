import type { Counting } from './dialects/dialect.ts'
import type { OtlpScope } from './otlp.ts'
import type { SpanView } from './span-view.ts'

/**
 * Senders whose counts differ from OTel's definition (cache inside input, reasoning inside output)
 * under the same attribute names. Told by scope, and by version where a release changed it; a
 * dialect that sees it on the span itself has a `counting` of its own.
 */
const RULES: readonly (Partial<Counting> & { scope: RegExp; below?: readonly [number, number] })[] =
  [
    // OpenLLMetry JS sends Anthropic's uncached input; fixed after 0.27.
    {
      scope: /^@traceloop\/instrumentation-(anthropic|bedrock)$/,
      below: [0, 28],
      cache: 'exclusive',
    },
    {
      scope: /^@traceloop\/instrumentation-(google-generativeai|vertexai)$/,
      reasoning: 'exclusive',
    },
    // OTel's instrumentations of the AWS SDKs pass Bedrock's counts on as they are.
    { scope: /^@opentelemetry\/instrumentation-aws-sdk$/, cache: 'exclusive' },
    { scope: /^opentelemetry\.instrumentation\.botocore/, cache: 'exclusive' },
  ]

const OTEL: Counting = { cache: 'inclusive', reasoning: 'inclusive' }

const known = new WeakMap<OtlpScope, Counting>()

export function countingOf(view: SpanView): Counting {
  let counting = countingOfScope(view.span.group.scope)
  for (const dialect of view.plan.dialects) {
    if (dialect.counting !== undefined) counting = { ...counting, ...dialect.counting(view) }
  }
  return counting
}

function countingOfScope(scope: OtlpScope): Counting {
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
