import { stepInto } from '../attribute-text.ts'
import {
  askedMessages,
  requestSystem,
  requestTools,
  responseMessages,
} from '../messages/provider-json.ts'
import type { Dialect, DialectView } from './dialect.ts'
import { isModelSpan, isTool } from './span-type.ts'
import { toolMessage } from './tool-message.ts'

const INPUT = 'langfuse.observation.input'
const OUTPUT = 'langfuse.observation.output'
const PARAMETERS = 'langfuse.observation.model.parameters'
const USAGE = 'langfuse.observation.usage_details'

/**
 * Langfuse's own SDKs: everything in `langfuse.observation.*` as JSON text. Its usage is a set of
 * buckets that do not overlap, unless their total says otherwise; the usage object of a provider is
 * taken as well.
 */
export const langfuse: Dialect = {
  name: 'langfuse',
  markers: ['langfuse.observation.type', 'langfuse.observation.model.name', INPUT, USAGE],
  scope: /^langfuse-sdk$/,
  reads: ['langfuse.observation.level'],
  typeOf: (view) => (isEmbedding(view) ? 'embedding' : null),
  kinds: [
    {
      key: 'langfuse.observation.type',
      types: {
        generation: 'llm',
        embedding: 'embedding',
        tool: 'tool',
        agent: 'agent',
        chain: 'chain',
        retriever: 'retriever',
        evaluator: 'evaluator',
        guardrail: 'guardrail',
        span: 'other',
        event: 'other',
      },
    },
  ],
  fields: {
    provider: ['langfuse.observation.metadata.ls_provider'],
    model: ['langfuse.observation.model.name', 'langfuse.observation.model'],
    inputTokens: [{ key: USAGE, read: (view) => usageOf(view)?.input }],
    outputTokens: [{ key: USAGE, read: (view) => usageOf(view)?.output }],
    totalTokens: [
      { key: USAGE, path: 'total' },
      { key: USAGE, path: 'total_tokens' },
    ],
    cacheReadTokens: [{ key: USAGE, read: (view) => usageOf(view)?.cacheRead }],
    cacheWriteTokens: [{ key: USAGE, read: (view) => usageOf(view)?.cacheWrite }],
    cacheWrite1hTokens: [{ key: USAGE, read: (view) => usageOf(view)?.cacheWrite1h }],
    reasoningTokens: [{ key: USAGE, read: (view) => usageOf(view)?.reasoning }],
    audioInputTokens: [{ key: USAGE, read: (view) => usageOf(view)?.audioInput }],
    audioOutputTokens: [{ key: USAGE, read: (view) => usageOf(view)?.audioOutput }],
    senderCost: [{ key: 'langfuse.observation.cost_details', read: totalCost }],
    streaming: [{ key: PARAMETERS, path: 'stream' }],
    ttft: [{ key: 'langfuse.observation.completion_start_time', unit: 'instant' }],
    finishReasons: ['langfuse.observation.metadata.finish_reason'],
    failed: [{ key: 'langfuse.observation.level', read: isFailed }],
    errorMessage: [{ key: 'langfuse.observation.status_message', when: isFailed }],
    sessionId: [
      'session.id',
      'langfuse.session.id',
      'langfuse.trace.session_id',
      'langfuse.observation.metadata.langfuse_session_id',
    ],
    userId: [
      'user.id',
      'langfuse.user.id',
      'langfuse.trace.user_id',
      'langfuse.observation.metadata.langfuse_user_id',
    ],
    tags: ['langfuse.trace.tags', 'langfuse.tags', 'langfuse.observation.metadata.langfuse_tags'],
    promptName: ['langfuse.observation.prompt.name', 'langfuse.prompt.name'],
    promptVersion: ['langfuse.observation.prompt.version', 'langfuse.prompt.version'],
    toolCallId: [toolMessage(OUTPUT).callId],
    toolArguments: [{ key: INPUT, when: isTool }],
    toolResult: [toolMessage(OUTPUT).content, { key: OUTPUT, when: isTool }],
    environment: ['langfuse.environment'],
    release: ['langfuse.release'],
    temperature: [{ key: PARAMETERS, path: 'temperature' }],
    maxTokens: [
      { key: PARAMETERS, path: 'max_tokens' },
      { key: PARAMETERS, path: 'maxTokens' },
      { key: PARAMETERS, path: 'max_completion_tokens' },
      { key: PARAMETERS, path: 'max_output_tokens' },
    ],
    systemInstructions: [
      { key: INPUT, when: isModelSpan, read: (view) => requestSystem(view.json(INPUT, '')) },
      { key: 'langfuse.observation.metadata.instructions', when: isModelSpan },
    ],
    toolDefinitions: [
      { key: INPUT, when: isModelSpan, read: (view) => requestTools(view.json(INPUT, '')) },
      { key: 'langfuse.observation.metadata.tools', when: isModelSpan },
      { key: INPUT, when: isModelSpan, read: (view) => toolsAmong(view.json(INPUT, '')).tools },
    ],
    inputMessages: [
      {
        key: INPUT,
        when: isModelSpan,
        read: (view) => askedMessages(view.type, toolsAmong(view.json(INPUT, '')).messages),
      },
      { key: INPUT, when: isModelSpan },
    ],
    outputMessages: [
      { key: OUTPUT, when: isModelSpan, read: (view) => responseMessages(view.json(OUTPUT, '')) },
      { key: OUTPUT, when: isModelSpan },
    ],
  },
  // The buckets are put together in `usageOf`.
  counting: (view) =>
    view.value(USAGE) === undefined ? {} : { cache: 'inclusive', reasoning: 'inclusive' },
}

function isFailed(view: DialectView): boolean {
  return view.value('langfuse.observation.level') === 'ERROR'
}

/** LangChain's handler writes the tools a model was given among its messages. */
function toolsAmong(input: unknown): { messages: unknown; tools: unknown[] | undefined } {
  if (!Array.isArray(input)) return { messages: input, tools: undefined }
  const isTool = (item: unknown): boolean =>
    stepInto(item, 'role') === 'tool' && stepInto(stepInto(item, 'content'), 'type') === 'function'
  const tools = input.filter(isTool).map((item) => stepInto(item, 'content'))
  return {
    messages: input.filter((item) => !isTool(item)),
    tools: tools.length === 0 ? undefined : tools,
  }
}

/** The OpenAI wrapper calls an embedding a generation. */
function isEmbedding(view: DialectView): boolean {
  const model = view.value('langfuse.observation.model.name')
  return (
    view.value('langfuse.observation.type') === 'generation' &&
    typeof model === 'string' &&
    /(^|[/.:-])(text-)?embed(ding)?/i.test(model)
  )
}

function totalCost(view: DialectView): unknown {
  const costs = view.json('langfuse.observation.cost_details', '')
  if (typeof costs !== 'object' || costs === null) return costs
  const { total, ...parts } = costs as Record<string, unknown>
  if (total !== undefined) return total
  const amounts = Object.values(parts)
  return amounts.length > 0 && amounts.every((amount) => typeof amount === 'number')
    ? amounts.reduce((sum, amount) => sum + amount, 0)
    : undefined
}

type Usage = { [name: string]: unknown }

const NAMES = {
  cacheRead: [
    'input_cached_tokens',
    'cache_read_input_tokens',
    'input_cache_read',
    'input_cache_read_tokens',
    'cached_input_tokens',
    'cachedInputTokens',
    'input_cached',
  ],
  cacheWrite: [
    'cache_creation_input_tokens',
    'input_cache_creation',
    'input_cache_creation_tokens',
    'input_cache_write_tokens',
    'input_cache_write',
  ],
  cacheWrite5m: [
    'cache_creation_ephemeral_5m_input_tokens',
    'input_cache_creation_5m',
    'input_ephemeral_5m_input_tokens',
  ],
  cacheWrite1h: [
    'cache_creation_ephemeral_1h_input_tokens',
    'input_cache_creation_1h',
    'input_ephemeral_1h_input_tokens',
  ],
  reasoning: ['output_reasoning_tokens', 'output_reasoning', 'reasoning_tokens', 'reasoning'],
  audioInput: ['input_audio_tokens', 'input_audio'],
  audioOutput: ['output_audio_tokens', 'output_audio'],
} as const
const KNOWN = new Set<string>([...Object.values(NAMES).flat(), 'input_tokens', 'output_tokens'])

type Counts = {
  [N in keyof typeof NAMES | 'input' | 'output']: number | undefined
}

/** What was counted, by OTel's definition: cache inside input, reasoning inside output. */
function usageOf(view: DialectView): Counts | undefined {
  const usage = view.json(USAGE, '')
  if (typeof usage !== 'object' || usage === null) return undefined
  let counts = counted.get(usage)
  if (counts === undefined) {
    counts = countsOf(usage as Usage)
    counted.set(usage, counts)
  }
  return counts
}

/** Asked for by each field of a span. */
const counted = new WeakMap<object, Counts>()

function countsOf(sent: Usage): Counts {
  const counts = detailsOf(sent)
  const input = first(sent, ['input', 'input_tokens'])
  const output = first(sent, ['output', 'output_tokens'])
  const isOverlapping = saysInclusive(sent, input, output)
  const buckets = [counts.cacheRead, counts.cacheWrite, counts.audioInput]
  const outputBuckets = [counts.reasoning, counts.audioOutput]
  return {
    ...counts,
    input:
      first(sent, ['prompt_tokens', 'promptTokens']) ??
      (isOverlapping ? input : sum(input, [...buckets, ...others(sent, 'input_')])),
    output:
      first(sent, ['completion_tokens', 'completionTokens']) ??
      (isOverlapping ? output : sum(output, [...outputBuckets, ...others(sent, 'output_')])),
  }
}

function detailsOf(sent: Usage): Omit<Counts, 'input' | 'output'> {
  const inputDetails = sent['prompt_tokens_details'] ?? sent['input_tokens_details']
  const outputDetails = sent['completion_tokens_details'] ?? sent['output_tokens_details']
  const cacheWrite5m = first(sent, NAMES.cacheWrite5m)
  const cacheWrite1h = first(sent, NAMES.cacheWrite1h)
  // LangChain sends 0 for the whole where it tells the lengths apart.
  const written = first(sent, NAMES.cacheWrite) || undefined
  return {
    cacheRead: first(sent, NAMES.cacheRead) ?? first(inputDetails, ['cached_tokens']),
    cacheWrite:
      written ?? sum(cacheWrite5m, [cacheWrite1h]) ?? cacheWrite1h ?? first(sent, NAMES.cacheWrite),
    cacheWrite5m,
    cacheWrite1h,
    reasoning: first(sent, NAMES.reasoning) ?? first(outputDetails, ['reasoning_tokens']),
    audioInput: first(sent, NAMES.audioInput) ?? first(inputDetails, ['audio_tokens']),
    audioOutput: first(sent, NAMES.audioOutput) ?? first(outputDetails, ['audio_tokens']),
  }
}

/**
 * Buckets overlap where input and output alone make the total, and where the details are nested in
 * a provider's own usage object.
 */
function saysInclusive(
  sent: Usage,
  input: number | undefined,
  output: number | undefined,
): boolean {
  const total = first(sent, ['total', 'total_tokens'])
  if (total !== undefined) return total === (input ?? 0) + (output ?? 0)
  return sent['input_tokens_details'] !== undefined
}

/** Buckets of names that are not known here. */
function others(sent: Usage, prefix: string): number[] {
  return Object.entries(sent).flatMap(([key, count]) =>
    key.startsWith(prefix) && !KNOWN.has(key) && typeof count === 'number' ? [count] : [],
  )
}

function sum(base: number | undefined, parts: readonly (number | undefined)[]): number | undefined {
  if (base === undefined) return undefined
  return parts.reduce<number>((total, count) => total + (count ?? 0), base)
}

function first(sent: unknown, keys: readonly string[]): number | undefined {
  if (typeof sent !== 'object' || sent === null) return undefined
  for (const key of keys) {
    const count = (sent as Usage)[key]
    if (typeof count === 'number') return count
  }
  return undefined
}
