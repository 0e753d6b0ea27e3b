import { SpanKind } from '@opentelemetry/api'
import { activeContext, runInContext } from './active-context.ts'
import {
  observedInput,
  observedOutput,
  observedSpanName,
  observedStart,
} from './observed-attributes.ts'
import type { ObserveOptions } from './observed-attributes.ts'
import { OpenSpan } from './open-span.ts'
import { toHandle } from './span-handle.ts'
import type { ObservedSpan } from './span-handle.ts'
import { toPlain } from './to-plain.ts'

/**
 * What a span by hand says from its start.
 *
 * @example
 * const options: SpanOptions = { kind: 'reranker', input: candidates }
 */
export type SpanOptions = Omit<ObserveOptions, 'name' | 'passSpan'> & {
  /** What the work starts from; this is content. */
  readonly input?: unknown
}

/**
 * A span by hand.
 *
 * @example
 * const work: ManualSpan = span('rerank')
 * work.run(() => rerank(candidates))
 * work.end()
 */
export interface ManualSpan extends ObservedSpan {
  /** Says what came out; this is content. */
  output(value: unknown): void
  /** Runs `fn` with this span as the parent of what starts inside. */
  run<R>(fn: () => R): R
  /** Ends the span; later calls do nothing. */
  end(): void
  [Symbol.dispose](): void
}

/**
 * Starts a span that ends with `end()`, or with the block it is declared in.
 *
 * @example
 * using rerank = span('rerank', { kind: 'reranker' })
 * rerank.set('candidates', 20)
 */
export function span(name: string, options: SpanOptions = {}): ManualSpan {
  const observed: ObserveOptions = { ...options, name }
  const open = OpenSpan.start(() => ({
    name: observedSpanName(observed),
    kind: SpanKind.INTERNAL,
    fields: {
      ...observedStart(observed),
      ...('input' in options ? observedInput(observed, [toPlain(options.input)]) : undefined),
    },
  }))
  const context = open?.context
  const end = () => open?.end()
  return {
    ...toHandle(open?.draft),
    output: (value) => quietly(() => open?.draft.set(observedOutput(observed, toPlain(value)))),
    run: (fn) => runInContext(context ?? activeContext(), fn),
    end,
    [Symbol.dispose]: end,
  }
}

/** A value that cannot be read is left out. */
function quietly(work: () => void): void {
  try {
    work()
  } catch {
    // The application goes on without it.
  }
}
