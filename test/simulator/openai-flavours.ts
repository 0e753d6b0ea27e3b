import { usageBody } from './wire.ts'
import type { Exchange } from './exchange.ts'
import type { WirePart } from './openai-answer.ts'
import type { SimulatedCall } from './simulate-call.ts'
import type { StreamEvent } from './sse.ts'

/** What those who speak OpenAI's chat format do differently. */
export type Flavour = 'openai' | 'azure' | 'groq' | 'deepseek' | 'openrouter' | 'vllm'

export function flavourOf({ params }: Exchange): Flavour {
  if (params['deployment'] !== undefined) return 'azure'
  return (params['flavour'] as Flavour | undefined) ?? 'openai'
}

type Choice = { index: number; delta?: object; message?: object; finish_reason?: string | null }
type Body = { choices: Choice[]; usage?: object | null; error?: object; [field: string]: unknown }

const REASONING = 'The customer asks about an order, so the rules for orders apply.'

/** A plain answer as the flavour gives it. */
export function flavourBody(flavour: Flavour, body: object, call: SimulatedCall): object {
  const { choices, ...rest } = body as Body
  if (flavour === 'azure') {
    return {
      ...rest,
      model: AZURE_MODEL,
      prompt_filter_results: [FILTER_RESULT],
      choices: choices.map((choice) => ({ ...choice, content_filter_results: {} })),
    }
  }
  const withReasoning = choices.map((choice) => ({
    ...choice,
    message: { ...choice.message, [REASONING_FIELD[flavour] ?? '']: REASONING },
  }))
  return {
    ...rest,
    ...(flavour === 'openrouter' ? { provider: 'Simulator' } : {}),
    choices: flavour in REASONING_FIELD ? withReasoning : choices,
    usage: flavourUsage(flavour, call),
  }
}

const REASONING_FIELD: Partial<Record<Flavour, string>> = {
  deepseek: 'reasoning_content',
  openrouter: 'reasoning',
  vllm: 'reasoning_content',
}

const AZURE_MODEL = 'gpt-4o-mini-2024-07-18'
const FILTER_RESULT = { prompt_index: 0, content_filter_results: { hate: { filtered: false } } }

/** A streamed answer as the flavour gives it. */
export function flavourParts(
  flavour: Flavour,
  events: readonly StreamEvent[],
  call: SimulatedCall,
): WirePart[] {
  const parts: WirePart[] = []
  const firstAtMs = events[0]?.atMs ?? 0
  const push = (body: unknown, atMs: number) =>
    parts.push({
      text: `data: ${typeof body === 'string' ? body : JSON.stringify(body)}\n\n`,
      atMs,
    })

  if (flavour === 'openrouter') parts.push({ text: ': OPENROUTER PROCESSING\n\n', atMs: firstAtMs })
  if (flavour === 'azure') push(azureStart(call), firstAtMs)
  for (const [position, { data, atMs }] of events.entries()) {
    if (data === '[DONE]') push(data, atMs)
    else {
      push(flavourChunk(flavour, JSON.parse(data) as Body, call), atMs)
      const field = REASONING_FIELD[flavour]
      if (position === 0 && field !== undefined) {
        for (const text of REASONING.match(/\s*\S+/g) ?? []) {
          push(reasoningChunk(JSON.parse(data) as Body, field, text), atMs)
        }
      }
    }
  }
  return parts
}

function azureStart(call: SimulatedCall): object {
  return {
    id: '',
    object: '',
    created: 0,
    model: '',
    choices: [],
    prompt_filter_results: [FILTER_RESULT],
    ...(call.behaviour === 'ok' ? {} : { behaviour: call.behaviour }),
  }
}

function reasoningChunk({ choices, ...chunk }: Body, field: string, text: string): object {
  const [first] = choices
  return { ...chunk, choices: [{ ...first, delta: { [field]: text } }] }
}

function flavourChunk(flavour: Flavour, chunk: Body, call: SimulatedCall): object {
  if (chunk.error !== undefined) return chunk
  if (flavour === 'azure') return { ...chunk, model: AZURE_MODEL }
  const isLast = chunk.choices.some(({ finish_reason: reason }) => (reason ?? null) !== null)
  if (flavour === 'groq') {
    const { usage: _, ...rest } = chunk
    return isLast ? { ...rest, x_groq: { id: call.id, usage: usageBody(call.usage) } } : rest
  }
  return chunk.usage === undefined || chunk.usage === null
    ? chunk
    : { ...chunk, usage: flavourUsage(flavour, call) }
}

function flavourUsage(flavour: Flavour, { usage }: SimulatedCall): object {
  const body = usageBody(usage)
  if (flavour === 'openrouter') return { ...body, cost: usage.completionTokens * 1e-6 }
  if (flavour !== 'deepseek') return body
  const { prompt_tokens_details: _, ...rest } = body
  const hit = Math.min(64, usage.promptTokens)
  return {
    ...rest,
    prompt_cache_hit_tokens: hit,
    prompt_cache_miss_tokens: usage.promptTokens - hit,
  }
}
