import type { SpanType } from '../contract/index.ts'

type Operation = { operation: string | null; type: SpanType; task: string | null }

const chat: Operation = { operation: 'chat', type: 'llm', task: 'chat' }
const generateContent: Operation = { operation: 'generate_content', type: 'llm', task: 'chat' }
const rerank: Operation = { operation: null, type: 'reranker', task: null }
const completion: Operation = { operation: 'text_completion', type: 'llm', task: 'completion' }
const embeddings: Operation = { operation: 'embeddings', type: 'embedding', task: 'embedding' }
const image: Operation = { operation: null, type: 'llm', task: 'image' }
const speech: Operation = { operation: null, type: 'llm', task: 'speech' }
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
  ['generate_content', generateContent],
  ['text_completion', completion],
  ['atext_completion', completion],
  ['embeddings', embeddings],
  ['embedding', embeddings],
  ['aembedding', embeddings],
  ['retrieval', retrieval],
  ['retrieve', retrieval],
  ['rerank', rerank],
  ['execute_tool', tool],
  ['create_agent', { operation: 'create_agent', type: 'agent', task: null }],
  ['invoke_agent', agent],
  ['execute_task', chain],
  ['agent_step', chain],
  ['invoke_workflow', workflow],
  ['plan', { operation: 'plan', type: 'chain', task: null }],
  ...['create_memory', 'search_memory', 'update_memory', 'upsert_memory', 'delete_memory'].map(
    (operation): [string, Operation] => [operation, { operation, type: 'other', task: null }],
  ),
  // LiteLLM, the AI SDK's and Google's own names
  ['anthropic_messages', chat],
  ['agenerate_content', generateContent],
  ['generate_content_stream', generateContent],
  ['agenerate_content_stream', generateContent],
  ['embed_content', embeddings],
  ['embed_contents', embeddings],
  ['batch_embed_contents', embeddings],
  ['arerank', rerank],
  ['image_generation', image],
  ['image_edit', image],
  ['aimage_generation', image],
  ['aimage_edit', image],
  ['image', image],
  ['speech', speech],
  ['aspeech', speech],
  ['audio', speech],
  ['transcription', speech],
  ['atranscription', speech],
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
  ['llm_call', generateContent],
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
