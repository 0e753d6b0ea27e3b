import { useDeferredValue, useMemo, useState } from 'react'
import { findSpans } from './find-spans.ts'
import type { TraceModel, TraceNode } from './trace-node.ts'

export type Find = {
  text: string
  onText: (text: string) => void
  found: TraceNode[]
  foundKeys: ReadonlySet<string>
}

/** What is looked for in the spans, and where it was found. */
export function useFind(model: TraceModel): Find {
  const [text, setText] = useState('')
  const deferred = useDeferredValue(text)
  const found = useMemo(() => findSpans(model, deferred), [model, deferred])
  const foundKeys = useMemo(() => new Set(found.map(({ span }) => span.spanId)), [found])
  return { text, onText: setText, found, foundKeys }
}
