import type { SpanType } from '@sightline/server/contract'

type Kind = { letter: string; label: string; color: string }

const KINDS: Record<SpanType, Kind> = {
  llm: { letter: 'L', label: 'LLM', color: 'var(--s1)' },
  embedding: { letter: 'E', label: 'embedding', color: 'var(--s3)' },
  tool: { letter: 'T', label: 'tool', color: 'var(--s5)' },
  agent: { letter: 'A', label: 'agent', color: 'var(--t2)' },
  chain: { letter: 'C', label: 'chain', color: 'var(--t2)' },
  retriever: { letter: 'R', label: 'retrieval', color: 'var(--s2)' },
  reranker: { letter: 'R', label: 'rerank', color: 'var(--s2)' },
  guardrail: { letter: 'G', label: 'guardrail', color: 'var(--ctl)' },
  evaluator: { letter: 'J', label: 'judge', color: 'var(--s4)' },
  prompt: { letter: 'P', label: 'prompt', color: 'var(--ctl)' },
  other: { letter: '·', label: 'other', color: 'var(--ctl)' },
}

export function kindOf(type: SpanType): Kind {
  return KINDS[type]
}
