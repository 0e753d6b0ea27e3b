import type { SpanType } from '../contract/index.ts'

type Operation = { operation: string | null; type: SpanType; task: string | null }

const chat: Operation = { operation: 'chat', type: 'llm', task: 'chat' }
const completion: Operation = { operation: 'text_completion', type: 'llm', task: 'completion' }
const embeddings: Operation = { operation: 'embeddings', type: 'embedding', task: 'embedding' }
const retrieval: Operation = { operation: 'retrieval', type: 'retriever', task: 'retrieval' }
const tool: Operation = { operation: 'execute_tool', type: 'tool', task: null }
const agent: Operation = { operation: 'invoke_agent', type: 'agent', task: null }
const chain: Operation = { operation: null, type: 'chain', task: null }
const workflow: Operation = { operation: 'invoke_workflow', type: 'chain', task: null }

/** Operation names as sent (OTel's and those beyond it) to OTel's. */
const OPERATIONS = new Map<string, Operation>([
  ['chat', chat],
  ['completion', chat],
  ['acompletion', chat],
  ['response', chat],
  ['responses', chat],
  ['aresponses', chat],
  ['generate_content', { operation: 'generate_content', type: 'llm', task: 'chat' }],
  ['text_completion', completion],
  ['atext_completion', completion],
  ['embeddings', embeddings],
  ['embedding', embeddings],
  ['aembedding', embeddings],
  ['retrieval', retrieval],
  ['retrieve', retrieval],
  ['rerank', { operation: null, type: 'reranker', task: null }],
  ['execute_tool', tool],
  ['create_agent', { operation: 'create_agent', type: 'agent', task: null }],
  ['invoke_agent', agent],
  ['execute_task', agent],
  ['agent_step', chain],
  ['invoke_workflow', workflow],
  ['plan', { operation: 'plan', type: 'chain', task: null }],
  ['image_generation', { operation: null, type: 'llm', task: 'image' }],
  ['speech', { operation: null, type: 'llm', task: 'speech' }],
  ['transcription', { operation: null, type: 'llm', task: 'speech' }],
  ['ai.generateText.doGenerate', chat],
  ['ai.streamText.doStream', chat],
  ['ai.generateObject.doGenerate', chat],
  ['ai.streamObject.doStream', chat],
  ['ai.embed.doEmbed', embeddings],
  ['ai.embedMany.doEmbed', embeddings],
  ['ai.toolCall', tool],
  // Semantic Kernel
  ['chat.completions', chat],
  ['chat.streaming_completions', chat],
  ['text.completions', completion],
  ['text.streaming_completions', completion],
  // Gemini CLI, Qwen Code
  ['llm_call', { operation: 'generate_content', type: 'llm', task: 'chat' }],
  ['tool_call', tool],
  ['agent_call', agent],
  ['user_prompt', chain],
  ['system_prompt', chain],
  ['schedule_tool_calls', chain],
  // Strands, Mastra, Sentry, LangSmith, Copilot
  ['execute_event_loop_cycle', chain],
  ['invoke_swarm', chain],
  ['invoke_graph', chain],
  ['model_generation', chain],
  ['model_step', chain],
  ['workflow_step', chain],
  ['chain', chain],
  ['handoff', chain],
  ['execute_hook', chain],
  ['messages', chat],
  ['guardrail', { operation: null, type: 'guardrail', task: null }],
  ['evaluate', { operation: null, type: 'evaluator', task: null }],
])

/** What an operation name means, in any case; undefined = not known. */
export function findOperation(raw: string): Operation | undefined {
  return OPERATIONS.get(raw) ?? OPERATIONS.get(raw.toLowerCase())
}

const TASKS = new Set([
  'chat',
  'completion',
  'summarisation',
  'translation',
  'question-answering',
  'classification',
  'token-classification',
  'fill-mask',
  'code',
  'speech',
  'image',
  'embedding',
  'retrieval',
  'other',
])

/** The declared task where it is one of the contract's list, else what the operation implies. */
export function toTask(declared: string | null, operation: Operation | undefined): string | null {
  if (declared !== null) {
    const task = declared.toLowerCase()
    return TASKS.has(task) ? task : 'other'
  }
  return operation?.task ?? null
}
