// OpenAI, Azure and fine-tuned models. Prices: platform.openai.com/docs/pricing (USD per million
// tokens), as published on the dates of the rows; Azure's global deployments cost the same.
import { priced, type CostRow } from './cost-row.ts'
import {
  aiSdk5,
  askedAs,
  langfuse,
  langsmith,
  mlflow,
  olderOtel,
  openinference,
  openllmetry,
  otel,
} from './senders.ts'

const NOW = '2026-11-01T12:00:00Z'
const TRACELOOP_OPENAI = { name: '@traceloop/instrumentation-openai', version: '0.22.5' }

export const OPENAI_ROWS: readonly CostRow[] = [
  priced(
    'uncached, OTel',
    [
      NOW,
      askedAs(
        'gpt-4o-mini',
        otel('openai', 'gpt-4o-mini-2024-07-18', { input_tokens: 42, output_tokens: 17 }),
      ),
    ],
    [16_500, '42 × 0.15 + 17 × 0.60 = 16.5 µ$'],
  ),
  priced(
    'cache read inside the input, OTel',
    [
      NOW,
      otel('openai', 'gpt-4o-mini', {
        input_tokens: 42,
        output_tokens: 17,
        'cache_read.input_tokens': 32,
      }),
    ],
    [14_100, '(42 - 32) × 0.15 + 32 × 0.075 + 17 × 0.60 = 14.1 µ$'],
  ),
  priced(
    'older names',
    [NOW, olderOtel('openai', 'gpt-4o-mini', { prompt_tokens: 42, completion_tokens: 17 })],
    [16_500, '42 × 0.15 + 17 × 0.60 = 16.5 µ$'],
  ),
  priced(
    'OpenLLMetry',
    [
      NOW,
      openllmetry(TRACELOOP_OPENAI, ['OpenAI', 'gpt-4o-mini'], {
        prompt_tokens: 42,
        completion_tokens: 17,
        cache_read_input_tokens: 32,
      }),
    ],
    [14_100, '(42 - 32) × 0.15 + 32 × 0.075 + 17 × 0.60 = 14.1 µ$'],
  ),
  priced(
    'cache read, OpenInference',
    [
      NOW,
      openinference('openai', 'gpt-4o-mini-2024-07-18', {
        prompt: 42,
        completion: 17,
        total: 59,
        'prompt_details.cache_read': 32,
      }),
    ],
    [14_100, '(42 - 32) × 0.15 + 32 × 0.075 + 17 × 0.60 = 14.1 µ$'],
  ),
  priced(
    'cache read, AI SDK 5',
    [
      NOW,
      aiSdk5('openai.chat', 'gpt-4o-mini', {
        inputTokens: 42,
        outputTokens: 17,
        totalTokens: 59,
        cachedInputTokens: 32,
      }),
    ],
    [14_100, '(42 - 32) × 0.15 + 32 × 0.075 + 17 × 0.60 = 14.1 µ$'],
  ),
  priced(
    'exclusive buckets, Langfuse',
    [
      NOW,
      langfuse('gpt-4o-mini-2024-07-18', {
        input: 10,
        output: 17,
        total: 59,
        input_cached_tokens: 32,
      }),
    ],
    [14_100, '10 × 0.15 + 32 × 0.075 + 17 × 0.60 = 14.1 µ$'],
  ),
  priced(
    'MLflow',
    [
      NOW,
      mlflow('openai', 'gpt-4o-mini-2024-07-18', {
        input_tokens: 42,
        output_tokens: 17,
        total_tokens: 59,
        cache_read_input_tokens: 32,
      }),
    ],
    [14_100, '(42 - 32) × 0.15 + 32 × 0.075 + 17 × 0.60 = 14.1 µ$'],
  ),
  priced(
    'LangSmith',
    [
      NOW,
      langsmith('openai', 'gpt-4o-mini', {
        input_tokens: 42,
        output_tokens: 17,
        input_token_details: { cache_read: 32 },
      }),
    ],
    [14_100, '(42 - 32) × 0.15 + 32 × 0.075 + 17 × 0.60 = 14.1 µ$'],
  ),
  priced(
    'gpt-4o',
    [NOW, otel('openai', 'gpt-4o-2024-08-06', { input_tokens: 1_000, output_tokens: 500 })],
    [7_500_000, '1000 × 2.50 + 500 × 10.00 = 7500 µ$'],
  ),
  priced(
    'gpt-4o, half of it cached',
    [
      NOW,
      otel('openai', 'gpt-4o', {
        input_tokens: 2_048,
        output_tokens: 100,
        'cache_read.input_tokens': 1_024,
      }),
    ],
    [4_840_000, '(2048 - 1024) × 2.50 + 1024 × 1.25 + 100 × 10.00 = 4840 µ$'],
  ),
  priced(
    'the first gpt-4o',
    [NOW, otel('openai', 'gpt-4o-2024-05-13', { input_tokens: 1_000, output_tokens: 500 })],
    [12_500_000, '1000 × 5.00 + 500 × 15.00 = 12500 µ$'],
  ),
  priced(
    'gpt-4o by name on the last day of its first snapshot',
    ['2024-10-01T12:00:00Z', otel('openai', 'gpt-4o', { input_tokens: 1_000, output_tokens: 500 })],
    [12_500_000, '1000 × 5.00 + 500 × 15.00 = 12500 µ$'],
  ),
  priced(
    'gpt-4o by name a day later',
    ['2024-10-02T12:00:00Z', otel('openai', 'gpt-4o', { input_tokens: 1_000, output_tokens: 500 })],
    [7_500_000, '1000 × 2.50 + 500 × 10.00 = 7500 µ$'],
  ),
  priced(
    'chatgpt-4o-latest',
    [NOW, otel('openai', 'chatgpt-4o-latest', { input_tokens: 1_000, output_tokens: 500 })],
    [12_500_000, '1000 × 5.00 + 500 × 15.00 = 12500 µ$'],
  ),
  priced(
    'gpt-4.1',
    [
      NOW,
      otel('openai', 'gpt-4.1-2025-04-14', {
        input_tokens: 1_200,
        output_tokens: 300,
        'cache_read.input_tokens': 1_000,
      }),
    ],
    [3_300_000, '(1200 - 1000) × 2.00 + 1000 × 0.50 + 300 × 8.00 = 3300 µ$'],
  ),
  priced(
    'gpt-4.1-mini',
    [NOW, otel('openai', 'gpt-4.1-mini', { input_tokens: 1_200, output_tokens: 300 })],
    [960_000, '1200 × 0.40 + 300 × 1.60 = 960 µ$'],
  ),
  priced(
    'gpt-4.1-nano',
    [
      NOW,
      otel('openai', 'gpt-4.1-nano', {
        input_tokens: 1_200,
        output_tokens: 300,
        'cache_read.input_tokens': 200,
      }),
    ],
    [225_000, '(1200 - 200) × 0.10 + 200 × 0.025 + 300 × 0.40 = 225 µ$'],
  ),
  priced(
    'gpt-5',
    [
      NOW,
      otel('openai', 'gpt-5-2025-08-07', {
        input_tokens: 3_000,
        output_tokens: 900,
        'reasoning.output_tokens': 640,
      }),
    ],
    [12_750_000, '3000 × 1.25 + 900 × 10.00 = 12750 µ$'],
  ),
  priced(
    'gpt-5 with cache',
    [
      NOW,
      otel('openai', 'gpt-5', {
        input_tokens: 3_000,
        output_tokens: 900,
        'cache_read.input_tokens': 2_560,
      }),
    ],
    [9_870_000, '(3000 - 2560) × 1.25 + 2560 × 0.125 + 900 × 10.00 = 9870 µ$'],
  ),
  priced(
    'gpt-5-mini',
    [
      NOW,
      otel('openai', 'gpt-5-mini', {
        input_tokens: 3_000,
        output_tokens: 900,
        'cache_read.input_tokens': 2_560,
      }),
    ],
    [1_974_000, '(3000 - 2560) × 0.25 + 2560 × 0.025 + 900 × 2.00 = 1974 µ$'],
  ),
  priced(
    'gpt-5-nano, a fraction of a micro-dollar',
    [
      NOW,
      otel('openai', 'gpt-5-nano', {
        input_tokens: 7,
        output_tokens: 1,
        'cache_read.input_tokens': 3,
      }),
    ],
    [615, '(7 - 3) × 0.05 + 3 × 0.005 + 1 × 0.40 = 0.615 µ$'],
  ),
  priced(
    'gpt-5-pro',
    [NOW, otel('openai', 'gpt-5-pro', { input_tokens: 100, output_tokens: 50 })],
    [7_500_000, '100 × 15.00 + 50 × 120.00 = 7500 µ$'],
  ),
  priced(
    'gpt-5.1',
    [NOW, otel('openai', 'gpt-5.1-2025-11-13', { input_tokens: 100, output_tokens: 50 })],
    [625_000, '100 × 1.25 + 50 × 10.00 = 625 µ$'],
  ),
  priced(
    'gpt-5.2',
    [
      NOW,
      otel('openai', 'gpt-5.2', {
        input_tokens: 100,
        output_tokens: 50,
        'cache_read.input_tokens': 64,
      }),
    ],
    [774_200, '(100 - 64) × 1.75 + 64 × 0.175 + 50 × 14.00 = 774.2 µ$'],
  ),
  priced(
    'reasoning inside the output, OTel',
    [
      NOW,
      otel('openai', 'o4-mini-2025-04-16', {
        input_tokens: 55,
        output_tokens: 148,
        'reasoning.output_tokens': 128,
      }),
    ],
    [711_700, '55 × 1.10 + 148 × 4.40 = 711.7 µ$'],
  ),
  priced(
    'reasoning beside the output, Langfuse',
    [
      NOW,
      langfuse('o4-mini-2025-04-16', {
        input: 55,
        output: 20,
        total: 203,
        input_cached_tokens: 0,
        output_reasoning_tokens: 128,
      }),
    ],
    [711_700, '55 × 1.10 + (20 + 128) × 4.40 = 711.7 µ$'],
  ),
  priced(
    'reasoning inside the output, OpenInference',
    [
      NOW,
      openinference('openai', 'o4-mini', {
        prompt: 55,
        completion: 148,
        total: 203,
        'completion_details.reasoning': 128,
      }),
    ],
    [711_700, '55 × 1.10 + 148 × 4.40 = 711.7 µ$'],
  ),
  priced(
    'reasoning, AI SDK 5',
    [
      NOW,
      aiSdk5('openai.responses', 'o4-mini', {
        inputTokens: 55,
        outputTokens: 148,
        totalTokens: 203,
        reasoningTokens: 128,
      }),
    ],
    [711_700, '55 × 1.10 + 148 × 4.40 = 711.7 µ$'],
  ),
  priced(
    'o4-mini with cache',
    [
      NOW,
      otel('openai', 'o4-mini', {
        input_tokens: 1_100,
        output_tokens: 148,
        'cache_read.input_tokens': 1_024,
      }),
    ],
    [1_016_400, '(1100 - 1024) × 1.10 + 1024 × 0.275 + 148 × 4.40 = 1016.4 µ$'],
  ),
  priced(
    'o3 before its price fell',
    [
      '2025-06-09T23:59:00Z',
      otel('openai', 'o3-2025-04-16', { input_tokens: 1_000, output_tokens: 100 }),
    ],
    [14_000_000, '1000 × 10.00 + 100 × 40.00 = 14000 µ$'],
  ),
  priced(
    'o3 with cache before its price fell',
    [
      '2025-06-09T23:59:00Z',
      otel('openai', 'o3', {
        input_tokens: 1_000,
        output_tokens: 100,
        'cache_read.input_tokens': 512,
      }),
    ],
    [10_160_000, '(1000 - 512) × 10.00 + 512 × 2.50 + 100 × 40.00 = 10160 µ$'],
  ),
  priced(
    'o3 after its price fell',
    [
      '2025-06-10T00:00:00Z',
      otel('openai', 'o3-2025-04-16', { input_tokens: 1_000, output_tokens: 100 }),
    ],
    [2_800_000, '1000 × 2.00 + 100 × 8.00 = 2800 µ$'],
  ),
  priced(
    'o3 with cache now',
    [
      NOW,
      otel('openai', 'o3', {
        input_tokens: 1_000,
        output_tokens: 100,
        'cache_read.input_tokens': 512,
      }),
    ],
    [2_032_000, '(1000 - 512) × 2.00 + 512 × 0.50 + 100 × 8.00 = 2032 µ$'],
  ),
  priced(
    'o3-mini',
    [
      NOW,
      otel('openai', 'o3-mini', {
        input_tokens: 1_000,
        output_tokens: 100,
        'cache_read.input_tokens': 512,
      }),
    ],
    [1_258_400, '(1000 - 512) × 1.10 + 512 × 0.55 + 100 × 4.40 = 1258.4 µ$'],
  ),
  priced(
    'o3-pro',
    [NOW, otel('openai', 'o3-pro', { input_tokens: 1_000, output_tokens: 100 })],
    [28_000_000, '1000 × 20.00 + 100 × 80.00 = 28000 µ$'],
  ),
  priced(
    'o1',
    [
      NOW,
      otel('openai', 'o1-2024-12-17', {
        input_tokens: 1_000,
        output_tokens: 100,
        'cache_read.input_tokens': 896,
      }),
    ],
    [14_280_000, '(1000 - 896) × 15.00 + 896 × 7.50 + 100 × 60.00 = 14280 µ$'],
  ),
  priced(
    'o1-pro',
    [NOW, otel('openai', 'o1-pro', { input_tokens: 10, output_tokens: 10 })],
    [7_500_000, '10 × 150.00 + 10 × 600.00 = 7500 µ$'],
  ),
  priced(
    'gpt-4-turbo',
    [NOW, otel('openai', 'gpt-4-turbo-2024-04-09', { input_tokens: 100, output_tokens: 10 })],
    [1_300_000, '100 × 10.00 + 10 × 30.00 = 1300 µ$'],
  ),
  priced(
    'gpt-4',
    [NOW, otel('openai', 'gpt-4-0613', { input_tokens: 100, output_tokens: 10 })],
    [3_600_000, '100 × 30.00 + 10 × 60.00 = 3600 µ$'],
  ),
  priced(
    'gpt-3.5-turbo',
    [NOW, otel('openai', 'gpt-3.5-turbo-0125', { input_tokens: 100, output_tokens: 10 })],
    [65_000, '100 × 0.50 + 10 × 1.50 = 65 µ$'],
  ),
  priced(
    'gpt-3.5-turbo-1106',
    [NOW, otel('openai', 'gpt-3.5-turbo-1106', { input_tokens: 100, output_tokens: 10 })],
    [120_000, '100 × 1.00 + 10 × 2.00 = 120 µ$'],
  ),
  priced(
    'gpt-3.5-turbo-instruct',
    [NOW, otel('openai', 'gpt-3.5-turbo-instruct', { input_tokens: 100, output_tokens: 10 })],
    [170_000, '100 × 1.50 + 10 × 2.00 = 170 µ$'],
  ),
]
