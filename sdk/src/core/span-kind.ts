/** What a span stands for, in the words Sightline's API answers with. */
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
