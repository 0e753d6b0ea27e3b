/**
 * What a span stands for, in the words Sightline's API answers with.
 *
 * @example
 * const kind: SpanType = 'agent'
 */
export type SpanType =
  | 'llm'
  | 'embedding'
  | 'tool'
  | 'agent'
  | 'chain'
  | 'retriever'
  | 'reranker'
  | 'guardrail'
  | 'evaluator'
  | 'prompt'
  | 'other'
