// Claude at Anthropic, Amazon Bedrock and Google Vertex AI. Prices: anthropic.com/pricing and
// docs.claude.com (prompt caching: read 0.1 × input, written for 5 minutes 1.25 ×, for an hour 2 ×;
// from 4.5 on regional endpoints of Bedrock cost a tenth more), USD per million tokens.
import { priced, type CostRow } from './cost-row.ts'
import { langfuse, otel } from './senders.ts'

const NOW = '2026-11-01T12:00:00Z'
const SONNET = 'claude-sonnet-4-5-20250929'
/** 33 uncached, 64 read, 12 written for five minutes, 19 output. */
const WORKED = '(109 - 64 - 12) × 3.00 + 64 × 0.30 + 12 × 3.75 + 19 × 15.00 = 448.2 µ$'

const models: readonly CostRow[] = [
  priced(
    'haiku 4.5',
    [
      NOW,
      otel('anthropic', 'claude-haiku-4-5-20251001', {
        input_tokens: 1_000,
        output_tokens: 100,
        'cache_read.input_tokens': 400,
        'cache_write.input_tokens': 200,
      }),
    ],
    [1_190_000, '(1000 - 400 - 200) × 1.00 + 400 × 0.10 + 200 × 1.25 + 100 × 5.00 = 1190 µ$'],
  ),
  priced(
    'opus 4.1',
    [
      NOW,
      otel('anthropic', 'claude-opus-4-1-20250805', {
        input_tokens: 1_000,
        output_tokens: 100,
        'cache_read.input_tokens': 400,
        'cache_write.input_tokens': 200,
      }),
    ],
    [17_850_000, '(1000 - 400 - 200) × 15.00 + 400 × 1.50 + 200 × 18.75 + 100 × 75.00 = 17850 µ$'],
  ),
  priced(
    'opus 4.5',
    [
      NOW,
      otel('anthropic', 'claude-opus-4-5-20251101', {
        input_tokens: 1_000,
        output_tokens: 100,
        'cache_read.input_tokens': 400,
        'cache_write.input_tokens': 200,
      }),
    ],
    [5_950_000, '(1000 - 400 - 200) × 5.00 + 400 × 0.50 + 200 × 6.25 + 100 × 25.00 = 5950 µ$'],
  ),
  priced(
    'opus 3',
    [NOW, otel('anthropic', 'claude-3-opus-20240229', { input_tokens: 1_000, output_tokens: 100 })],
    [22_500_000, '1000 × 15.00 + 100 × 75.00 = 22500 µ$'],
  ),
  priced(
    'sonnet 3.7, by its latest',
    [
      NOW,
      otel('anthropic', 'claude-3-7-sonnet-latest', { input_tokens: 1_000, output_tokens: 100 }),
    ],
    [4_500_000, '1000 × 3.00 + 100 × 15.00 = 4500 µ$'],
  ),
  priced(
    'sonnet 3.5',
    [
      NOW,
      otel('anthropic', 'claude-3-5-sonnet-20241022', {
        input_tokens: 1_000,
        output_tokens: 100,
        'cache_read.input_tokens': 900,
      }),
    ],
    [2_070_000, '(1000 - 900) × 3.00 + 900 × 0.30 + 100 × 15.00 = 2070 µ$'],
  ),
  priced(
    'haiku 3.5',
    [
      NOW,
      otel('anthropic', 'claude-3-5-haiku-20241022', {
        input_tokens: 1_000,
        output_tokens: 100,
        'cache_write.input_tokens': 500,
      }),
    ],
    [1_300_000, '(1000 - 500) × 0.80 + 500 × 1.00 + 100 × 4.00 = 1300 µ$'],
  ),
  priced(
    'haiku 3',
    [
      NOW,
      otel('anthropic', 'claude-3-haiku-20240307', {
        input_tokens: 1_000,
        output_tokens: 100,
        'cache_read.input_tokens': 900,
      }),
    ],
    [177_000, '(1000 - 900) × 0.25 + 900 × 0.03 + 100 × 1.25 = 177 µ$'],
  ),
  priced(
    'thinking is part of the output',
    [
      NOW,
      otel('anthropic', SONNET, {
        input_tokens: 100,
        output_tokens: 900,
        'reasoning.output_tokens': 800,
      }),
    ],
    [13_800_000, '100 × 3.00 + 900 × 15.00 = 13800 µ$'],
  ),
  priced(
    'the last token of the short context',
    [NOW, otel('anthropic', SONNET, { input_tokens: 200_000, output_tokens: 100 })],
    [601_500_000, '200000 × 3.00 + 100 × 15.00 = 601500 µ$'],
  ),
  priced(
    'long context: all tokens at the higher price',
    [
      NOW,
      otel('anthropic', SONNET, {
        input_tokens: 200_001,
        output_tokens: 100,
        'cache_read.input_tokens': 150_000,
        'cache_write.input_tokens': 1,
      }),
    ],
    [
      392_257_500,
      '(200001 - 150000 - 1) × 6.00 + 150000 × 0.60 + 1 × 7.50 + 100 × 22.50 = 392257.5 µ$',
    ],
  ),
  priced(
    'long context counts the cache of an exclusive sender',
    [NOW, langfuse(SONNET, { input: 50_001, output: 100, input_cached_tokens: 150_000 })],
    [392_256_000, '50001 × 6.00 + 150000 × 0.60 + 100 × 22.50 = 392256 µ$'],
  ),
  priced(
    'long context of sonnet 4',
    [
      NOW,
      otel('anthropic', 'claude-sonnet-4-20250514', { input_tokens: 250_000, output_tokens: 100 }),
    ],
    [1_502_250_000, '250000 × 6.00 + 100 × 22.50 = 1502250 µ$'],
  ),
]

const resellers: readonly CostRow[] = [
  priced(
    'a region of Bedrock',
    [
      NOW,
      otel('aws.bedrock', 'eu.anthropic.claude-sonnet-4-5-20250929-v1:0', {
        input_tokens: 109,
        output_tokens: 19,
        'cache_read.input_tokens': 64,
        'cache_write.input_tokens': 12,
      }),
    ],
    [493_020, '(109 - 64 - 12) × 3.30 + 64 × 0.33 + 12 × 4.125 + 19 × 16.50 = 493.02 µ$'],
  ),
  priced(
    'all regions of Bedrock',
    [
      NOW,
      otel('aws.bedrock', 'global.anthropic.claude-sonnet-4-5-20250929-v1:0', {
        input_tokens: 109,
        output_tokens: 19,
        'cache_read.input_tokens': 64,
        'cache_write.input_tokens': 12,
      }),
    ],
    [448_200, WORKED],
  ),
  priced(
    'haiku 4.5 in a region of Bedrock',
    [
      NOW,
      otel('aws.bedrock', 'us.anthropic.claude-haiku-4-5-20251001-v1:0', {
        input_tokens: 1_000,
        output_tokens: 100,
      }),
    ],
    [1_650_000, '1000 × 1.10 + 100 × 5.50 = 1650 µ$'],
  ),
  priced(
    'sonnet 3.5 at Bedrock',
    [
      NOW,
      otel('aws.bedrock', 'anthropic.claude-3-5-sonnet-20241022-v2:0', {
        input_tokens: 1_000,
        output_tokens: 100,
      }),
    ],
    [4_500_000, '1000 × 3.00 + 100 × 15.00 = 4500 µ$'],
  ),
  priced(
    'Bedrock by its resource name',
    [
      NOW,
      otel(
        'aws.bedrock',
        'arn:aws:bedrock:us-east-1::foundation-model/anthropic.claude-3-haiku-20240307-v1:0',
        { input_tokens: 1_000, output_tokens: 100 },
      ),
    ],
    [375_000, '1000 × 0.25 + 100 × 1.25 = 375 µ$'],
  ),
  priced(
    'Bedrock through LiteLLM',
    [
      NOW,
      otel('litellm', 'bedrock/us.anthropic.claude-sonnet-4-20250514-v1:0', {
        input_tokens: 1_000,
        output_tokens: 100,
      }),
    ],
    [4_500_000, '1000 × 3.00 + 100 × 15.00 = 4500 µ$'],
  ),
  priced(
    'Vertex AI with its date',
    [
      NOW,
      otel('gcp.vertex_ai', 'claude-sonnet-4-5@20250929', {
        input_tokens: 109,
        output_tokens: 19,
        'cache_read.input_tokens': 64,
        'cache_write.input_tokens': 12,
      }),
    ],
    [448_200, WORKED],
  ),
  priced(
    'Vertex AI by its resource name',
    [
      NOW,
      otel(
        'gcp.vertex_ai',
        'projects/p/locations/us-east5/publishers/anthropic/models/claude-3-5-haiku@20241022',
        { input_tokens: 1_000, output_tokens: 100 },
      ),
    ],
    [1_200_000, '1000 × 0.80 + 100 × 4.00 = 1200 µ$'],
  ),
  priced(
    'an anthropic/ prefix',
    [
      NOW,
      otel('anthropic', 'anthropic/claude-haiku-4-5', { input_tokens: 1_000, output_tokens: 100 }),
    ],
    [1_500_000, '1000 × 1.00 + 100 × 5.00 = 1500 µ$'],
  ),
]

export const CLAUDE_ROWS: readonly CostRow[] = [...models, ...resellers]
