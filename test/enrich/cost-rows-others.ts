// All other providers, and calls that must get no amount. Prices (USD per million tokens):
// groq.com/pricing, mistral.ai/pricing, api-docs.deepseek.com, docs.x.ai, cohere.com/pricing,
// aws.amazon.com/bedrock/pricing, platform.moonshot.ai, together.ai/pricing, openrouter.ai/models.
import { priced, unpriced, type CostRow } from './cost-row.ts'
import {
  aiSdk5,
  langfuse,
  mlflow,
  openinference,
  otel,
  otelEmbedding,
  withAttributes,
} from './senders.ts'

const NOW = '2026-11-01T12:00:00Z'
const THOUSAND = { input_tokens: 1_000, output_tokens: 100 }

const providers: readonly CostRow[] = [
  priced(
    'Groq, llama 3.3',
    [NOW, otel('groq', 'llama-3.3-70b-versatile', THOUSAND)],
    [669_000, '1000 × 0.59 + 100 × 0.79 = 669 µ$'],
  ),
  priced(
    'Groq, llama 3.1',
    [NOW, otel('groq', 'llama-3.1-8b-instant', THOUSAND)],
    [58_000, '1000 × 0.05 + 100 × 0.08 = 58 µ$'],
  ),
  priced(
    'Groq, gpt-oss with its prefix',
    [NOW, otel('groq', 'openai/gpt-oss-120b', { ...THOUSAND, 'cache_read.input_tokens': 400 })],
    [180_000, '(1000 - 400) × 0.15 + 400 × 0.075 + 100 × 0.60 = 180 µ$'],
  ),
  priced(
    'Groq, qwen',
    [NOW, otel('groq', 'qwen/qwen3-32b', THOUSAND)],
    [349_000, '1000 × 0.29 + 100 × 0.59 = 349 µ$'],
  ),
  priced(
    'Groq through LiteLLM',
    [NOW, otel('litellm', 'groq/llama-3.3-70b-versatile', THOUSAND)],
    [669_000, '1000 × 0.59 + 100 × 0.79 = 669 µ$'],
  ),
  priced(
    'Mistral large 2',
    [NOW, otel('mistral_ai', 'mistral-large-2411', THOUSAND)],
    [2_600_000, '1000 × 2.00 + 100 × 6.00 = 2600 µ$'],
  ),
  priced(
    'Mistral large by name before the third',
    ['2025-11-30T00:00:00Z', otel('mistral_ai', 'mistral-large-latest', THOUSAND)],
    [2_600_000, '1000 × 2.00 + 100 × 6.00 = 2600 µ$'],
  ),
  priced(
    'Mistral large by name after the third',
    [NOW, otel('mistral_ai', 'mistral-large-latest', THOUSAND)],
    [650_000, '1000 × 0.50 + 100 × 1.50 = 650 µ$'],
  ),
  priced(
    'Codestral',
    [NOW, otel('mistral_ai', 'codestral-2501', THOUSAND)],
    [390_000, '1000 × 0.30 + 100 × 0.90 = 390 µ$'],
  ),
  priced(
    'Magistral',
    [
      NOW,
      otel('mistral_ai', 'magistral-medium-2506', { ...THOUSAND, 'reasoning.output_tokens': 60 }),
    ],
    [2_500_000, '1000 × 2.00 + 100 × 5.00 = 2500 µ$'],
  ),
  priced(
    'Mistral nemo, AI SDK',
    [NOW, aiSdk5('mistral.chat', 'open-mistral-nemo', { inputTokens: 1_000, outputTokens: 100 })],
    [165_000, '1000 × 0.15 + 100 × 0.15 = 165 µ$'],
  ),
  priced(
    'Ministral, MLflow',
    [
      NOW,
      mlflow('mistral', 'ministral-8b-2410', {
        input_tokens: 1_000,
        output_tokens: 100,
        total_tokens: 1_100,
      }),
    ],
    [110_000, '1000 × 0.10 + 100 × 0.10 = 110 µ$'],
  ),
  priced(
    'an embedding of Mistral',
    [NOW, otelEmbedding('mistral_ai', 'mistral-embed', 1_000)],
    [100_000, '1000 × 0.10 = 100 µ$'],
  ),
  priced(
    'DeepSeek by day, 2025-05',
    [
      '2025-05-01T12:00:00Z',
      otel('deepseek', 'deepseek-chat', { ...THOUSAND, 'cache_read.input_tokens': 640 }),
    ],
    [252_000, '(1000 - 640) × 0.27 + 640 × 0.07 + 100 × 1.10 = 252 µ$'],
  ),
  priced(
    'DeepSeek by night, 2025-05',
    [
      '2025-05-01T20:00:00Z',
      otel('deepseek', 'deepseek-chat', { ...THOUSAND, 'cache_read.input_tokens': 640 }),
    ],
    [126_000, '(1000 - 640) × 0.135 + 640 × 0.035 + 100 × 0.55 = 126 µ$'],
  ),
  priced(
    'DeepSeek reasoner by day, 2025-05',
    [
      '2025-05-01T12:00:00Z',
      otel('deepseek', 'deepseek-reasoner', { ...THOUSAND, 'reasoning.output_tokens': 80 }),
    ],
    [769_000, '1000 × 0.55 + 100 × 2.19 = 769 µ$'],
  ),
  priced(
    'DeepSeek by night, 2025-09-06',
    [
      '2025-09-06T20:00:00Z',
      otel('deepseek', 'deepseek-chat', { ...THOUSAND, 'cache_read.input_tokens': 640 }),
    ],
    [414_400, '(1000 - 640) × 0.56 + 640 × 0.07 + 100 × 1.68 = 414.4 µ$'],
  ),
  priced(
    'DeepSeek, 2025-10',
    [
      '2025-10-02T20:00:00Z',
      otel('deepseek', 'deepseek-reasoner', { ...THOUSAND, 'cache_read.input_tokens': 640 }),
    ],
    [160_720, '(1000 - 640) × 0.28 + 640 × 0.028 + 100 × 0.42 = 160.72 µ$'],
  ),
  priced(
    'Grok 3',
    [NOW, otel('x_ai', 'grok-3', { ...THOUSAND, 'cache_read.input_tokens': 400 })],
    [3_600_000, '(1000 - 400) × 3.00 + 400 × 0.75 + 100 × 15.00 = 3600 µ$'],
  ),
  priced(
    'Grok 3 mini',
    [NOW, otel('x_ai', 'grok-3-mini', { ...THOUSAND, 'reasoning.output_tokens': 60 })],
    [350_000, '1000 × 0.30 + 100 × 0.50 = 350 µ$'],
  ),
  priced(
    'Grok 4',
    [NOW, otel('xai', 'grok-4-0709', THOUSAND)],
    [4_500_000, '1000 × 3.00 + 100 × 15.00 = 4500 µ$'],
  ),
  priced(
    'Grok code fast',
    [NOW, otel('x_ai', 'grok-code-fast-1', { ...THOUSAND, 'cache_read.input_tokens': 400 })],
    [278_000, '(1000 - 400) × 0.20 + 400 × 0.02 + 100 × 1.50 = 278 µ$'],
  ),
  priced(
    'Command A',
    [NOW, otel('cohere', 'command-a-03-2025', THOUSAND)],
    [3_500_000, '1000 × 2.50 + 100 × 10.00 = 3500 µ$'],
  ),
  priced(
    'Command R',
    [NOW, openinference('cohere', 'command-r-08-2024', { prompt: 1_000, completion: 100 })],
    [210_000, '1000 × 0.15 + 100 × 0.60 = 210 µ$'],
  ),
  priced(
    'Command R7B',
    [NOW, otel('cohere', 'command-r7b-12-2024', THOUSAND)],
    [52_500, '1000 × 0.0375 + 100 × 0.15 = 52.5 µ$'],
  ),
  priced(
    'an embedding of Cohere',
    [NOW, otelEmbedding('cohere', 'embed-english-v3.0', 1_000)],
    [100_000, '1000 × 0.10 = 100 µ$'],
  ),
  priced(
    'a newer embedding of Cohere',
    [NOW, otelEmbedding('cohere', 'embed-v4.0', 1_000)],
    [120_000, '1000 × 0.12 = 120 µ$'],
  ),
  priced(
    'Nova micro, half a nano-dollar rounded up',
    [
      NOW,
      otel('aws.bedrock', 'amazon.nova-micro-v1:0', {
        input_tokens: 2,
        output_tokens: 0,
        'cache_read.input_tokens': 1,
      }),
    ],
    [44, '(2 - 1) × 0.035 + 1 × 0.00875 = 0.04375 µ$'],
  ),
  priced(
    'Nova lite in the EU',
    [
      NOW,
      otel('aws.bedrock', 'eu.amazon.nova-lite-v1:0', {
        ...THOUSAND,
        'cache_read.input_tokens': 400,
      }),
    ],
    [66_000, '(1000 - 400) × 0.06 + 400 × 0.015 + 100 × 0.24 = 66 µ$'],
  ),
  priced(
    'Nova pro',
    [NOW, otel('aws_bedrock', 'us.amazon.nova-pro-v1:0', THOUSAND)],
    [1_120_000, '1000 × 0.80 + 100 × 3.20 = 1120 µ$'],
  ),
  priced(
    'Llama 3.3 at Bedrock',
    [NOW, otel('aws.bedrock', 'us.meta.llama3-3-70b-instruct-v1:0', THOUSAND)],
    [792_000, '1000 × 0.72 + 100 × 0.72 = 792 µ$'],
  ),
  priced(
    'Mistral large at Bedrock',
    [NOW, otel('aws.bedrock', 'mistral.mistral-large-2402-v1:0', THOUSAND)],
    [5_200_000, '1000 × 4.00 + 100 × 12.00 = 5200 µ$'],
  ),
  priced(
    'Titan embedding 1',
    [NOW, otelEmbedding('aws.bedrock', 'amazon.titan-embed-text-v1', 1_000)],
    [100_000, '1000 × 0.10 = 100 µ$'],
  ),
  priced(
    'Titan embedding 2',
    [NOW, otelEmbedding('aws.bedrock', 'amazon.titan-embed-text-v2:0', 1_000)],
    [20_000, '1000 × 0.02 = 20 µ$'],
  ),
  priced(
    'Kimi K2',
    [
      NOW,
      otel('moonshot_ai', 'kimi-k2-0905-preview', { ...THOUSAND, 'cache_read.input_tokens': 400 }),
    ],
    [670_000, '(1000 - 400) × 0.60 + 400 × 0.15 + 100 × 2.50 = 670 µ$'],
  ),
  priced(
    'Llama 3.3 at Together',
    [NOW, otel('together_ai', 'meta-llama/Llama-3.3-70B-Instruct-Turbo', THOUSAND)],
    [968_000, '1000 × 0.88 + 100 × 0.88 = 968 µ$'],
  ),
  priced(
    'OpenRouter',
    [NOW, otel('openrouter', 'openai/gpt-4o-mini', THOUSAND)],
    [210_000, '1000 × 0.15 + 100 × 0.60 = 210 µ$'],
  ),
  priced(
    'Claude at OpenRouter, by prefix',
    [NOW, otel('litellm', 'openrouter/anthropic/claude-3.5-haiku', THOUSAND)],
    [1_200_000, '1000 × 0.80 + 100 × 4.00 = 1200 µ$'],
  ),
]

const nothing: readonly CostRow[] = [
  unpriced(
    'a model nobody sells',
    [NOW, otel('openai', 'gpt-99-ultra', THOUSAND)],
    'unknown_model',
  ),
  unpriced(
    'a fine-tune without its base',
    [NOW, otel('openai', 'ft:our-own:acme::1', THOUSAND)],
    'unknown_model',
  ),
  unpriced(
    'a deployment that says nothing',
    [NOW, otel('azure.ai.openai', 'prod-chat', THOUSAND)],
    'unknown_model',
  ),
  unpriced(
    'a model of another provider',
    [NOW, otel('anthropic', 'gpt-4o-mini', THOUSAND)],
    'unknown_model',
  ),
  unpriced('no model', [NOW, withAttributes(otel('openai', '', THOUSAND), {})], 'unknown_model'),
  unpriced('Ollama', [NOW, otel('ollama', 'llama3.2:3b', THOUSAND)], 'self_hosted_unpriced'),
  unpriced(
    'vLLM',
    [NOW, otel('vllm', 'meta-llama/Llama-3.3-70B-Instruct', THOUSAND)],
    'self_hosted_unpriced',
  ),
  unpriced(
    'LM Studio',
    [NOW, openinference('lmstudio', 'qwen2.5', { prompt: 10, completion: 5 })],
    'self_hosted_unpriced',
  ),
  unpriced('no usage', [NOW, otel('openai', 'gpt-4o-mini', {})], 'missing_usage'),
  unpriced(
    'no output',
    [NOW, otel('openai', 'gpt-4o-mini', { input_tokens: 10 })],
    'missing_usage',
  ),
  unpriced(
    'no input',
    [NOW, otel('openai', 'gpt-4o-mini', { output_tokens: 10 })],
    'missing_usage',
  ),
  unpriced('Langfuse without usage', [NOW, langfuse('gpt-4o-mini', {})], 'missing_usage'),
  unpriced(
    'a negative count',
    [NOW, otel('openai', 'gpt-4o-mini', { input_tokens: -5, output_tokens: 10 })],
    'implausible_usage',
  ),
  unpriced(
    'a count beyond any model',
    [NOW, otel('openai', 'gpt-4o-mini', { input_tokens: 1e15, output_tokens: 10 })],
    'implausible_usage',
  ),
  unpriced(
    'a negative part',
    [NOW, otel('openai', 'gpt-4o-mini', { ...THOUSAND, 'cache_read.input_tokens': -3 })],
    'implausible_usage',
  ),
  unpriced(
    'a count that is text',
    [
      NOW,
      withAttributes(otel('openai', 'gpt-4o-mini', { output_tokens: 10 }), {
        'gen_ai.usage.input_tokens': 'many',
      }),
    ],
    'implausible_usage',
  ),
  unpriced(
    'more audio than input',
    [NOW, otel('openai', 'gpt-audio', { ...THOUSAND, 'audio.input_tokens': 1_001 })],
    'implausible_usage',
  ),
  unpriced(
    'more reasoning than output, by a total that leaves no room',
    [
      NOW,
      otel('openai', 'o4-mini', {
        input_tokens: 10,
        output_tokens: 20,
        'reasoning.output_tokens': 30,
        total_tokens: 30,
      }),
    ],
    'implausible_usage',
  ),
  unpriced(
    'more written for an hour than written',
    [
      NOW,
      otel('anthropic', 'claude-sonnet-4-5', {
        ...THOUSAND,
        'cache_creation.input_tokens': 10,
        'cache_creation.ephemeral_1h_input_tokens': 20,
      }),
    ],
    'implausible_usage',
  ),
  unpriced(
    'an agent that repeats its calls',
    [
      NOW,
      withAttributes(otel('openai', 'gpt-4o-mini', THOUSAND), {
        'gen_ai.operation.name': 'invoke_agent',
      }),
    ],
    'not_a_model_call',
  ),
]

export const OTHER_ROWS: readonly CostRow[] = [...providers, ...nothing]
