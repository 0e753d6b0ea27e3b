// Audio, embeddings, fine-tuned models and Azure's deployments.
// OpenAI, Azure and fine-tuned models. Prices: platform.openai.com/docs/pricing (USD per million
// tokens), as published on the dates of the rows; Azure's global deployments cost the same.
import { priced, type CostRow } from './cost-row.ts'
import { askedAs, olderOtel, openinference, otel, otelEmbedding } from './senders.ts'

const NOW = '2026-11-01T12:00:00Z'

export const OPENAI_OTHER_ROWS: readonly CostRow[] = [
  priced(
    'audio in and out',
    [
      NOW,
      otel('openai', 'gpt-audio', {
        input_tokens: 100,
        output_tokens: 50,
        'audio.input_tokens': 40,
        'audio.output_tokens': 20,
      }),
    ],
    [3_010_000, '(100 - 40) × 2.50 + 40 × 32.00 + (50 - 20) × 10.00 + 20 × 64.00 = 3010 µ$'],
  ),
  priced(
    'audio of the small model',
    [
      NOW,
      otel('openai', 'gpt-audio-mini', {
        input_tokens: 100,
        output_tokens: 50,
        'audio.input_tokens': 40,
        'audio.output_tokens': 20,
      }),
    ],
    [908_000, '(100 - 40) × 0.60 + 40 × 10.00 + (50 - 20) × 2.40 + 20 × 20.00 = 908 µ$'],
  ),
  priced(
    'audio of gpt-4o-audio-preview, OpenInference',
    [
      NOW,
      openinference('openai', 'gpt-4o-audio-preview', {
        prompt: 100,
        completion: 50,
        'prompt_details.audio': 40,
        'completion_details.audio': 20,
      }),
    ],
    [3_650_000, '(100 - 40) × 2.50 + 40 × 40.00 + (50 - 20) × 10.00 + 20 × 80.00 = 3650 µ$'],
  ),
  priced(
    'audio of gpt-4o-mini-audio-preview',
    [
      NOW,
      otel('openai', 'gpt-4o-mini-audio-preview', {
        input_tokens: 100,
        output_tokens: 50,
        'audio.input_tokens': 40,
        'audio.output_tokens': 20,
      }),
    ],
    [827_000, '(100 - 40) × 0.15 + 40 × 10.00 + (50 - 20) × 0.60 + 20 × 20.00 = 827 µ$'],
  ),
  priced(
    'realtime',
    [
      NOW,
      otel('openai', 'gpt-4o-realtime-preview-2024-12-17', {
        input_tokens: 100,
        output_tokens: 50,
        'audio.input_tokens': 40,
        'audio.output_tokens': 50,
      }),
    ],
    [5_900_000, '(100 - 40) × 5.00 + 40 × 40.00 + 50 × 80.00 = 5900 µ$'],
  ),
  priced(
    'transcription',
    [
      NOW,
      otel('openai', 'gpt-4o-transcribe', {
        input_tokens: 500,
        output_tokens: 40,
        'audio.input_tokens': 490,
      }),
    ],
    [3_365_000, '(500 - 490) × 2.50 + 490 × 6.00 + 40 × 10.00 = 3365 µ$'],
  ),
  priced(
    'an image of a model without a price for images is input',
    [
      NOW,
      otel('openai', 'gpt-4o', { input_tokens: 900, output_tokens: 10, 'image.input_tokens': 765 }),
    ],
    [2_350_000, '900 × 2.50 + 10 × 10.00 = 2350 µ$'],
  ),
  priced(
    'embedding',
    [NOW, otelEmbedding('openai', 'text-embedding-3-small', 9)],
    [180, '9 × 0.02 = 0.18 µ$'],
  ),
  priced(
    'large embedding',
    [NOW, otelEmbedding('openai', 'text-embedding-3-large', 9_000)],
    [1_170_000, '9000 × 0.13 = 1170 µ$'],
  ),
  priced(
    'older embedding',
    [NOW, otelEmbedding('openai', 'text-embedding-ada-002', 9_000)],
    [900_000, '9000 × 0.10 = 900 µ$'],
  ),
  priced(
    'fine-tuned, by the organisation',
    [NOW, otel('openai', 'ft:gpt-4o-mini:acme::9a8b', { input_tokens: 42, output_tokens: 17 })],
    [33_000, '42 × 0.30 + 17 × 1.20 = 33 µ$'],
  ),
  priced(
    'fine-tuned, dated, with cache',
    [
      NOW,
      otel('openai', 'ft:gpt-4o-mini-2024-07-18:acme:bot:9a8b', {
        input_tokens: 42,
        output_tokens: 17,
        'cache_read.input_tokens': 32,
      }),
    ],
    [28_200, '(42 - 32) × 0.30 + 32 × 0.15 + 17 × 1.20 = 28.2 µ$'],
  ),
  priced(
    'fine-tuned gpt-4o',
    [
      NOW,
      otel('openai', 'ft:gpt-4o-2024-08-06:acme::9a8b', {
        input_tokens: 100,
        output_tokens: 10,
        'cache_read.input_tokens': 64,
      }),
    ],
    [405_000, '(100 - 64) × 3.75 + 64 × 1.875 + 10 × 15.00 = 405 µ$'],
  ),
  priced(
    'fine-tuned gpt-4.1',
    [
      NOW,
      otel('openai', 'ft:gpt-4.1-2025-04-14:acme::9a8b', { input_tokens: 100, output_tokens: 10 }),
    ],
    [420_000, '100 × 3.00 + 10 × 12.00 = 420 µ$'],
  ),
  priced(
    'fine-tuned gpt-4.1-nano',
    [
      NOW,
      otel('openai', 'ft:gpt-4.1-nano-2025-04-14:acme::9a8b', {
        input_tokens: 100,
        output_tokens: 10,
      }),
    ],
    [28_000, '100 × 0.20 + 10 × 0.80 = 28 µ$'],
  ),
  priced(
    'an Azure deployment whose answer names the model',
    [
      NOW,
      askedAs(
        'prod-chat',
        otel('azure.ai.openai', 'gpt-4o-2024-11-20', { input_tokens: 1_000, output_tokens: 500 }),
      ),
    ],
    [7_500_000, '1000 × 2.50 + 500 × 10.00 = 7500 µ$'],
  ),
  priced(
    'an Azure deployment named like its model',
    [
      NOW,
      otel('azure.ai.openai', 'gpt-4o-mini', {
        input_tokens: 1_000,
        output_tokens: 500,
        'cache_read.input_tokens': 512,
      }),
    ],
    [411_600, '(1000 - 512) × 0.15 + 512 × 0.075 + 500 × 0.60 = 411.6 µ$'],
  ),
  priced(
    'gpt-3.5 as Azure writes it',
    [NOW, olderOtel('az.ai.openai', 'gpt-35-turbo', { input_tokens: 1_000, output_tokens: 500 })],
    [1_250_000, '1000 × 0.50 + 500 × 1.50 = 1250 µ$'],
  ),
  priced(
    'an embedding at Azure',
    [NOW, otelEmbedding('azure.ai.openai', 'text-embedding-3-large', 1_000)],
    [130_000, '1000 × 0.13 = 130 µ$'],
  ),
  priced(
    'a private name in the answer, the model in the request',
    [
      NOW,
      askedAs(
        'gpt-4o-mini',
        otel('openai', 'deployment-7', { input_tokens: 1_000, output_tokens: 0 }),
      ),
    ],
    [150_000, '1000 × 0.15 = 150 µ$'],
  ),
  priced(
    'a provider prefix',
    [NOW, otel('litellm', 'openai/gpt-4o-mini', { input_tokens: 42, output_tokens: 17 })],
    [16_500, '42 × 0.15 + 17 × 0.60 = 16.5 µ$'],
  ),
  priced(
    'no provider at all',
    [NOW, openinference('', 'gpt-4o-mini', { prompt: 42, completion: 17 })],
    [16_500, '42 × 0.15 + 17 × 0.60 = 16.5 µ$'],
  ),
  priced(
    'nothing used',
    [NOW, otel('openai', 'gpt-4o-mini', { input_tokens: 0, output_tokens: 0 })],
    [0, '0 × 0.15 = 0 µ$'],
  ),
]
