import { drawBehaviour } from './behaviour.ts'
import {
  composeAnswer,
  composePreamble,
  composeRefusal,
  composeToolCalls,
} from './compose-answer.ts'
import { memoizeText } from './memoize-text.ts'
import { fnv1a, hex32, randomHex, randomOf } from './random.ts'
import { countTokens, tokensOfLength } from './tokens.ts'
import { textOf } from './wire.ts'
import type { Behaviour, FailureRates } from './behaviour.ts'
import type { Random } from './random.ts'
import type { ChatRequest, Choice, TokenUsage } from './wire.ts'

export type CallOptions = {
  seed: number
  failureRates: FailureRates
  /** How many equal requests came before this one. */
  index: number
  /** Overrides the drawn behaviour. */
  behaviour?: Behaviour | undefined
  /** Multiplies the time to the first token. */
  ttftFactor?: number | undefined
}

/** Everything the provider will do with one request; the server and the history writer both follow it. */
export type SimulatedCall = {
  behaviour: Behaviour
  id: string
  /** Unix seconds, derived from the request: never the wall clock. */
  created: number
  model: string
  systemFingerprint: string
  choices: Choice[]
  usage: TokenUsage
  ttftMs: number
  /** From the request to the last byte, `ttftMs` included. */
  durationMs: number
  /** The share of the answer that is sent before the connection breaks. */
  breakAfterShare: number
}

type ModelProfile = {
  ttftMedianMs: number
  tokensPerSecond: number
  reasoningMedianTokens: number
}

const DEFAULT_PROFILE: ModelProfile = {
  ttftMedianMs: 400,
  tokensPerSecond: 80,
  reasoningMedianTokens: 0,
}

const PROFILES: readonly [prefix: string, profile: ModelProfile][] = [
  ['gpt-5', { ttftMedianMs: 620, tokensPerSecond: 95, reasoningMedianTokens: 48 }],
  ['gpt-4.1', { ttftMedianMs: 430, tokensPerSecond: 80, reasoningMedianTokens: 0 }],
  ['gemini-2.5', { ttftMedianMs: 480, tokensPerSecond: 140, reasoningMedianTokens: 40 }],
  ['gpt-4o', { ttftMedianMs: 360, tokensPerSecond: 70, reasoningMedianTokens: 0 }],
]

const TTFT_SIGMA = 0.45
const SPEED_SIGMA = 0.2
const TOKENS_PER_MESSAGE = 4
const CACHE_BLOCK_TOKENS = 128
const CACHE_FLOOR_TOKENS = 1024
const FIRST_CREATED = 1_760_000_000

/** Pure: the same seed, request and index always give the same call. */
export function simulateCall(request: ChatRequest, options: CallOptions): SimulatedCall {
  const random = randomOf(callSeed(request, options))
  const drawn = drawBehaviour(random.uniform(), options.failureRates)
  const behaviour = effectiveBehaviour(options.behaviour ?? drawn, options.index)
  const profile = profileOf(request.model)
  const ttftMs = random.logNormal(profile.ttftMedianMs, TTFT_SIGMA) * (options.ttftFactor ?? 1)
  const tokensPerSecond = random.logNormal(profile.tokensPerSecond, SPEED_SIGMA)
  const reasoningTokens = Math.round(random.logNormal(profile.reasoningMedianTokens, 0.5))
  const cacheDraw = random.uniform()
  const breakAfterShare = 0.2 + 0.6 * random.uniform()
  const id = randomHex(random, 29)

  const choices = choicesOf(request, behaviour, random)
  const completionTokens = reasoningTokens + choices.reduce((sum, c) => sum + choiceTokens(c), 0)
  const promptTokens = countPromptTokens(request)
  const slowness = behaviour === 'slow' ? 10 : 1
  const generationMs = (1_000 * completionTokens) / tokensPerSecond
  return {
    behaviour,
    id: `chatcmpl-${id}`,
    created: FIRST_CREATED + random.integer(10_000_000),
    model: request.model,
    systemFingerprint: `fp_${hex32(fnv1a(`${options.seed}${request.model}`))}`,
    choices,
    usage: {
      promptTokens,
      cachedTokens: cachedTokens(request, promptTokens, cacheDraw),
      completionTokens,
      reasoningTokens,
    },
    ttftMs: ttftMs * slowness,
    durationMs: (ttftMs + generationMs) * slowness,
    breakAfterShare,
  }
}

/** A hash of what the request says; streaming or not does not matter. */
export function requestHash(request: ChatRequest): number {
  let hash = fnv1a(request.model)
  for (const message of request.messages) {
    hash = fnv1a(message.role, hash)
    hash = Math.imul(hash ^ textHash(textOf(message)), 0x01000193)
    for (const call of message.tool_calls ?? []) hash = fnv1a(call.function.arguments, hash)
  }
  for (const tool of request.tools ?? []) hash = fnv1a(tool.function.name, hash)
  return hash >>> 0
}

const LONG_TEXT = 2_000

const textHash = memoizeText((text) => fnv1a(text), LONG_TEXT)

export function countPromptTokens(request: ChatRequest): number {
  let tokens = TOKENS_PER_MESSAGE
  for (const message of request.messages) tokens += messageTokens(message)
  return tokens + toolTokens(request.tools)
}

function callSeed(request: ChatRequest, { seed, index }: CallOptions): number {
  return (
    (requestHash(request) ^ Math.imul(seed + 1, 0x9e3779b1) ^ Math.imul(index, 0x85ebca6b)) >>> 0
  )
}

function effectiveBehaviour(behaviour: Behaviour, index: number): Behaviour {
  if (behaviour === '429-once') return index === 0 ? '429' : 'ok'
  if (behaviour === '500-once') return index === 0 ? '500' : 'ok'
  if (behaviour === '529-once') return index === 0 ? '529' : 'ok'
  return behaviour
}

function profileOf(model: string): ModelProfile {
  return PROFILES.find(([prefix]) => model.startsWith(prefix))?.[1] ?? DEFAULT_PROFILE
}

function choicesOf(request: ChatRequest, behaviour: Behaviour, random: Random): Choice[] {
  const count = Math.min(Math.max(request.n ?? 1, 1), 8)
  return Array.from({ length: count }, (_, index) => ({
    index,
    ...choiceOf(request, behaviour, random),
  }))
}

function choiceOf(
  request: ChatRequest,
  behaviour: Behaviour,
  random: Random,
): Omit<Choice, 'index'> {
  if (behaviour === 'refusal') {
    const refusal = composeRefusal(request)
    return { content: null, refusal, toolCalls: [], finishReason: 'stop' }
  }
  if (behaviour === 'content-filter') {
    return { content: '', refusal: null, toolCalls: [], finishReason: 'content_filter' }
  }
  if (wantsTool(request, behaviour)) {
    const content = composePreamble(request, random)
    const toolCount = behaviour === 'parallel-tools' ? 2 : 1
    const toolCalls = composeToolCalls(request, random, toolCount)
    return { content, refusal: null, toolCalls, finishReason: 'tool_calls' }
  }
  const text = inFormat(request, composeAnswer(request, random))
  const limit = request.max_completion_tokens ?? request.max_tokens ?? Infinity
  const isCut = behaviour === 'length' || countTokens(text) > limit
  const content = isCut ? cutToTokens(text, Math.min(limit, countTokens(text) / 2)) : text
  return { content, refusal: null, toolCalls: [], finishReason: isCut ? 'length' : 'stop' }
}

function inFormat({ response_format: format }: ChatRequest, answer: string): string {
  return format?.type?.startsWith('json') === true ? JSON.stringify({ answer }) : answer
}

function wantsTool(request: ChatRequest, behaviour: Behaviour): boolean {
  if ((request.tools?.length ?? 0) === 0 || behaviour === 'text') return false
  if (behaviour === 'tool' || behaviour === 'parallel-tools') return true
  return request.tool_choice !== 'none' && request.messages.at(-1)?.role !== 'tool'
}

/** Never cuts between the halves of a surrogate pair. */
function cutToTokens(text: string, tokens: number): string {
  const cut = text.slice(0, Math.max(1, Math.floor(tokens * 3.2)))
  return /[\uD800-\uDBFF]$/.test(cut) ? cut.slice(0, -1) : cut
}

function choiceTokens(choice: Choice): number {
  const text = (choice.content?.length ?? 0) + (choice.refusal?.length ?? 0)
  const calls = choice.toolCalls.reduce(
    (sum, call) => sum + call.function.name.length + call.function.arguments.length + 12,
    0,
  )
  return tokensOfLength(text + calls)
}

function messageTokens(message: ChatRequest['messages'][number]): number {
  let characters = textOf(message).length
  for (const call of message.tool_calls ?? []) {
    characters += call.function.name.length + call.function.arguments.length
  }
  return TOKENS_PER_MESSAGE + tokensOfLength(characters)
}

const toolTokensByDefinitions = new WeakMap<object, number>()

/** Applications pass the same tool array with every call, so its length is measured once. */
function toolTokens(tools: ChatRequest['tools']): number {
  if (tools === undefined || tools.length === 0) return 0
  const known = toolTokensByDefinitions.get(tools)
  if (known !== undefined) return known
  const tokens = countTokens(JSON.stringify(tools))
  toolTokensByDefinitions.set(tools, tokens)
  return tokens
}

/** Prompt caching: a follow-up after a tool call finds most of its prefix, others rarely find any. */
function cachedTokens(request: ChatRequest, promptTokens: number, draw: number): number {
  if (promptTokens < CACHE_FLOOR_TOKENS) return 0
  const isFollowUp = request.messages.at(-1)?.role === 'tool'
  if (draw >= (isFollowUp ? 0.8 : 0.1)) return 0
  const share = isFollowUp ? 0.95 : 0.5
  return Math.floor((promptTokens * share) / CACHE_BLOCK_TOKENS) * CACHE_BLOCK_TOKENS
}
