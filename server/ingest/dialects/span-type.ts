import type { DialectView } from './dialect.ts'

export function isLlm(view: DialectView): boolean {
  return view.type === 'llm'
}

export function isModelSpan(view: DialectView): boolean {
  return view.type === 'llm' || view.type === 'embedding'
}

export function isTool(view: DialectView): boolean {
  return view.type === 'tool'
}
