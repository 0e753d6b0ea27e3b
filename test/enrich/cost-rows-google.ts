// Gemini. Prices: ai.google.dev/gemini-api/docs/pricing (USD per million tokens; thoughts are
// output; beyond 200,000 tokens of input, 128,000 of the 1.5 models, all tokens cost more).
import { priced, type CostRow } from './cost-row.ts'
import { langfuse, openinference, openllmetry, otel, otelEmbedding, aiSdk5 } from './senders.ts'

const NOW = '2026-11-01T12:00:00Z'
const TRACELOOP_JS = { name: '@traceloop/instrumentation-google-generativeai', version: '0.22.0' }

export const GOOGLE_ROWS: readonly CostRow[] = [
  priced(
    '2.5 pro',
    [NOW, otel('gcp.gen_ai', 'gemini-2.5-pro', { input_tokens: 1_000, output_tokens: 100 })],
    [2_250_000, '1000 × 1.25 + 100 × 10.00 = 2250 µ$'],
  ),
  priced(
    'thoughts inside the output, OTel',
    [
      NOW,
      otel('gcp.gen_ai', 'gemini-2.5-pro', {
        input_tokens: 1_000,
        output_tokens: 700,
        'reasoning.output_tokens': 600,
      }),
    ],
    [8_250_000, '1000 × 1.25 + 700 × 10.00 = 8250 µ$'],
  ),
  priced(
    'thoughts beside the output, OpenLLMetry JS',
    [
      NOW,
      openllmetry(TRACELOOP_JS, ['Google', 'gemini-2.5-pro'], {
        input_tokens: 1_000,
        output_tokens: 100,
        reasoning_tokens: 600,
        total_tokens: 1_700,
      }),
    ],
    [8_250_000, '1000 × 1.25 + (100 + 600) × 10.00 = 8250 µ$'],
  ),
  priced(
    'thoughts told by the total alone',
    [
      NOW,
      otel('gcp.gen_ai', 'gemini-2.5-flash', {
        input_tokens: 1_000,
        output_tokens: 500,
        'reasoning.output_tokens': 400,
        total_tokens: 1_900,
      }),
    ],
    [2_550_000, '1000 × 0.30 + (500 + 400) × 2.50 = 2550 µ$'],
  ),
  priced(
    'thoughts beside the output, Langfuse',
    [
      NOW,
      langfuse('gemini-2.5-flash', {
        input: 1_000,
        output: 100,
        output_reasoning_tokens: 400,
        total: 1_500,
      }),
    ],
    [1_550_000, '1000 × 0.30 + (100 + 400) × 2.50 = 1550 µ$'],
  ),
  priced(
    'thoughts, AI SDK 5',
    [
      NOW,
      aiSdk5('google.generative-ai', 'gemini-2.5-flash', {
        inputTokens: 1_000,
        outputTokens: 100,
        totalTokens: 1_500,
        reasoningTokens: 400,
      }),
    ],
    [1_550_000, '1000 × 0.30 + (100 + 400) × 2.50 = 1550 µ$'],
  ),
  priced(
    'the last token of the short context',
    [NOW, otel('gcp.gen_ai', 'gemini-2.5-pro', { input_tokens: 200_000, output_tokens: 100 })],
    [251_000_000, '200000 × 1.25 + 100 × 10.00 = 251000 µ$'],
  ),
  priced(
    'the first token of the long context',
    [NOW, otel('gcp.gen_ai', 'gemini-2.5-pro', { input_tokens: 200_001, output_tokens: 100 })],
    [501_502_500, '200001 × 2.50 + 100 × 15.00 = 501502.5 µ$'],
  ),
  priced(
    'long context with cache',
    [
      NOW,
      otel('gcp.gen_ai', 'gemini-2.5-pro', {
        input_tokens: 300_000,
        output_tokens: 1_000,
        'cache_read.input_tokens': 250_000,
      }),
    ],
    [202_500_000, '(300000 - 250000) × 2.50 + 250000 × 0.25 + 1000 × 15.00 = 202500 µ$'],
  ),
  priced(
    '2.5 flash with cache',
    [
      NOW,
      otel('gcp.gen_ai', 'gemini-2.5-flash', {
        input_tokens: 1_000,
        output_tokens: 100,
        'cache_read.input_tokens': 800,
      }),
    ],
    [334_000, '(1000 - 800) × 0.30 + 800 × 0.03 + 100 × 2.50 = 334 µ$'],
  ),
  priced(
    '2.5 flash, audio in',
    [
      NOW,
      otel('gcp.gen_ai', 'gemini-2.5-flash', {
        input_tokens: 1_000,
        output_tokens: 100,
        'audio.input_tokens': 750,
      }),
    ],
    [1_075_000, '(1000 - 750) × 0.30 + 750 × 1.00 + 100 × 2.50 = 1075 µ$'],
  ),
  priced(
    '2.5 flash, an image in',
    [
      NOW,
      otel('gcp.gen_ai', 'gemini-2.5-flash', {
        input_tokens: 1_000,
        output_tokens: 100,
        'image.input_tokens': 258,
      }),
    ],
    [550_000, '1000 × 0.30 + 100 × 2.50 = 550 µ$'],
  ),
  priced(
    '2.5 flash lite',
    [
      NOW,
      otel('gcp.gen_ai', 'gemini-2.5-flash-lite', {
        input_tokens: 1_000,
        output_tokens: 100,
        'audio.input_tokens': 500,
      }),
    ],
    [240_000, '(1000 - 500) × 0.10 + 500 × 0.30 + 100 × 0.40 = 240 µ$'],
  ),
  priced(
    '2.0 flash, dated',
    [
      NOW,
      otel('gcp.gen_ai', 'gemini-2.0-flash-001', {
        input_tokens: 1_000,
        output_tokens: 100,
        'cache_read.input_tokens': 400,
      }),
    ],
    [110_000, '(1000 - 400) × 0.10 + 400 × 0.025 + 100 × 0.40 = 110 µ$'],
  ),
  priced(
    '2.0 flash lite',
    [NOW, otel('gcp.gen_ai', 'gemini-2.0-flash-lite', { input_tokens: 1_000, output_tokens: 100 })],
    [105_000, '1000 × 0.075 + 100 × 0.30 = 105 µ$'],
  ),
  priced(
    '1.5 flash beyond 128,000',
    [
      NOW,
      otel('gcp.gen_ai', 'gemini-1.5-flash-002', { input_tokens: 128_001, output_tokens: 100 }),
    ],
    [19_260_150, '128001 × 0.15 + 100 × 0.60 = 19260.15 µ$'],
  ),
  priced(
    '1.5 pro',
    [
      NOW,
      otel('gcp.gen_ai', 'gemini-1.5-pro-002', {
        input_tokens: 1_000,
        output_tokens: 100,
        'cache_read.input_tokens': 400,
      }),
    ],
    [1_375_000, '(1000 - 400) × 1.25 + 400 × 0.3125 + 100 × 5.00 = 1375 µ$'],
  ),
  priced(
    '3 pro',
    [
      NOW,
      otel('gcp.gen_ai', 'gemini-3-pro-preview', {
        input_tokens: 1_000,
        output_tokens: 100,
        'cache_read.input_tokens': 400,
      }),
    ],
    [2_480_000, '(1000 - 400) × 2.00 + 400 × 0.20 + 100 × 12.00 = 2480 µ$'],
  ),
  priced(
    '3 pro, long context',
    [
      NOW,
      otel('gcp.gen_ai', 'gemini-3-pro-preview', { input_tokens: 200_001, output_tokens: 100 }),
    ],
    [801_804_000, '200001 × 4.00 + 100 × 18.00 = 801804 µ$'],
  ),
  priced(
    'embedding',
    [NOW, otelEmbedding('gcp.gen_ai', 'gemini-embedding-001', 1_000)],
    [150_000, '1000 × 0.15 = 150 µ$'],
  ),
  priced(
    'Vertex AI',
    [NOW, openinference('vertexai', 'gemini-2.5-pro', { prompt: 1_000, completion: 100 })],
    [2_250_000, '1000 × 1.25 + 100 × 10.00 = 2250 µ$'],
  ),
  priced(
    'the name of the Gemini API',
    [
      NOW,
      otel('gcp.gemini', 'models/gemini-2.5-flash', { input_tokens: 1_000, output_tokens: 100 }),
    ],
    [550_000, '1000 × 0.30 + 100 × 2.50 = 550 µ$'],
  ),
  priced(
    'through LiteLLM',
    [
      NOW,
      otel('litellm', 'vertex_ai/gemini-2.5-flash', { input_tokens: 1_000, output_tokens: 100 }),
    ],
    [550_000, '1000 × 0.30 + 100 × 2.50 = 550 µ$'],
  ),
]
