// Claude at Anthropic, Amazon Bedrock and Google Vertex AI. Prices: anthropic.com/pricing and
// docs.claude.com (prompt caching: read 0.1 × input, written for 5 minutes 1.25 ×, for an hour 2 ×;
// from 4.5 on regional endpoints of Bedrock cost a tenth more), USD per million tokens.
import { priced, type CostRow } from './cost-row.ts'
import {
  aiSdk5,
  askedAs,
  inScope,
  langfuse,
  langsmith,
  mlflow,
  olderOtel,
  openinference,
  openinferenceAnswer,
  openlit,
  openllmetry,
  otel,
  withAttributes,
  withProviderMetadata,
} from './senders.ts'

const NOW = '2026-11-01T12:00:00Z'
const SONNET = 'claude-sonnet-4-5-20250929'
const TRACELOOP_JS = { name: '@traceloop/instrumentation-anthropic', version: '0.27.0' }
const TRACELOOP_PY = { name: 'opentelemetry.instrumentation.anthropic', version: '0.49.0' }
/** 33 uncached, 64 read, 12 written for five minutes, 19 output. */
const WORKED = '(109 - 64 - 12) × 3.00 + 64 × 0.30 + 12 × 3.75 + 19 × 15.00 = 448.2 µ$'
/** The same from a sender that leaves the cache out of the input. */
const WORKED_APART = '33 × 3.00 + 64 × 0.30 + 12 × 3.75 + 19 × 15.00 = 448.2 µ$'
const INCLUSIVE = {
  input_tokens: 109,
  output_tokens: 19,
  'cache_read.input_tokens': 64,
  'cache_write.input_tokens': 12,
}
const HOURLY =
  '(450 - 100 - 250) × 3.00 + 100 × 0.30 + 50 × 3.75 + 200 × 6.00 + 10 × 15.00 = 1867.5 µ$'
const HOURLY_USAGE = {
  input_tokens: 100,
  output_tokens: 10,
  cache_read_input_tokens: 100,
  cache_creation_input_tokens: 250,
  cache_creation: { ephemeral_5m_input_tokens: 50, ephemeral_1h_input_tokens: 200 },
}

const worked: readonly CostRow[] = [
  priced(
    'worked example, OTel',
    [
      NOW,
      askedAs(
        'claude-sonnet-4-5',
        otel('anthropic', SONNET, {
          input_tokens: 109,
          output_tokens: 19,
          'cache_read.input_tokens': 64,
          'cache_write.input_tokens': 12,
        }),
      ),
    ],
    [448_200, WORKED],
  ),
  priced(
    'worked example, OTel with the older name of writes',
    [
      NOW,
      otel('anthropic', SONNET, {
        input_tokens: 109,
        output_tokens: 19,
        'cache_read.input_tokens': 64,
        'cache_creation.input_tokens': 12,
      }),
    ],
    [448_200, WORKED],
  ),
  priced(
    'worked example, OpenLLMetry JS (exclusive)',
    [
      NOW,
      openllmetry(TRACELOOP_JS, ['Anthropic', SONNET], {
        input_tokens: 33,
        output_tokens: 19,
        'cache_read.input_tokens': 64,
        'cache_creation.input_tokens': 12,
      }),
    ],
    [448_200, WORKED_APART],
  ),
  priced(
    'worked example, OpenLLMetry Python (inclusive)',
    [
      NOW,
      openllmetry(TRACELOOP_PY, ['Anthropic', SONNET], {
        input_tokens: 109,
        output_tokens: 19,
        cache_read_input_tokens: 64,
        cache_creation_input_tokens: 12,
      }),
    ],
    [448_200, WORKED],
  ),
  priced(
    'worked example, OpenInference',
    [
      NOW,
      openinference('anthropic', SONNET, {
        prompt: 109,
        completion: 19,
        total: 128,
        'prompt_details.cache_read': 64,
        'prompt_details.cache_write': 12,
      }),
    ],
    [448_200, WORKED],
  ),
  priced(
    'worked example, OpenLIT (exclusive)',
    [
      NOW,
      openlit('anthropic', SONNET, {
        input_tokens: 33,
        output_tokens: 19,
        'cache_read.input_tokens': 64,
        'cache_creation.input_tokens': 12,
      }),
    ],
    [448_200, WORKED_APART],
  ),
  priced(
    'worked example, AI SDK 5 (exclusive)',
    [
      NOW,
      withProviderMetadata(
        {
          anthropic: {
            usage: {
              input_tokens: 33,
              output_tokens: 19,
              cache_creation_input_tokens: 12,
              cache_read_input_tokens: 64,
            },
            cacheCreationInputTokens: 12,
          },
        },
        aiSdk5('anthropic.messages', SONNET, {
          inputTokens: 33,
          outputTokens: 19,
          totalTokens: 52,
          cachedInputTokens: 64,
        }),
      ),
    ],
    [448_200, WORKED_APART],
  ),
  priced(
    'worked example, Langfuse (exclusive)',
    [
      NOW,
      langfuse(SONNET, {
        input: 33,
        output: 19,
        input_cached_tokens: 64,
        input_cache_creation: 12,
        total: 128,
      }),
    ],
    [448_200, WORKED_APART],
  ),
  priced(
    'worked example, Langfuse with the keys of the API (exclusive)',
    [
      NOW,
      langfuse(SONNET, {
        input: 33,
        output: 19,
        cache_read_input_tokens: 64,
        cache_creation_input_tokens: 12,
      }),
    ],
    [448_200, WORKED_APART],
  ),
  priced(
    'worked example, MLflow',
    [
      NOW,
      mlflow('anthropic', SONNET, {
        input_tokens: 109,
        output_tokens: 19,
        total_tokens: 128,
        cache_read_input_tokens: 64,
        cache_creation_input_tokens: 12,
      }),
    ],
    [448_200, WORKED],
  ),
  priced(
    'worked example, LangSmith',
    [
      NOW,
      langsmith('anthropic', SONNET, {
        input_tokens: 109,
        output_tokens: 19,
        input_token_details: { cache_read: 64, cache_creation: 12 },
      }),
    ],
    [448_200, WORKED],
  ),
  priced(
    'worked example, the SDK of Anthropic itself',
    [
      NOW,
      inScope(
        'com.anthropic.sdk',
        '0.71.0',
        withAttributes(otel('anthropic', SONNET, INCLUSIVE), { 'anthropic.request.id': 'req_1' }),
      ),
    ],
    [448_200, WORKED],
  ),
  priced(
    'worked example, AI SDK 7',
    [NOW, inScope('gen_ai', '7.0.0', otel('anthropic.messages', SONNET, INCLUSIVE))],
    [448_200, WORKED],
  ),
  priced(
    'worked example, Pydantic AI',
    [NOW, inScope('pydantic-ai', '1.60.0', otel('anthropic', SONNET, INCLUSIVE))],
    [448_200, WORKED],
  ),
  priced(
    'worked example, Strands (both spellings)',
    [
      NOW,
      inScope(
        'strands.telemetry.tracer',
        '1.0.0',
        olderOtel('strands-agents', SONNET, {
          input_tokens: 109,
          prompt_tokens: 109,
          output_tokens: 19,
          completion_tokens: 19,
          cache_read_input_tokens: 64,
          cache_write_input_tokens: 12,
          total_tokens: 128,
        }),
      ),
    ],
    [448_200, WORKED],
  ),
  priced(
    'worked example, LiteLLM',
    [
      NOW,
      inScope(
        'litellm',
        '1.80.0',
        withAttributes(
          otel('anthropic', `anthropic/${SONNET}`, { ...INCLUSIVE, total_tokens: 128 }),
          { 'litellm.call_id': 'c1', 'gen_ai.cost.total_cost': 0.0004482 },
        ),
      ),
    ],
    [448_200, WORKED],
  ),
  priced(
    'worked example, Sentry',
    [
      NOW,
      inScope(
        'sentry',
        '10.0.0',
        otel('anthropic', SONNET, {
          input_tokens: 109,
          output_tokens: 19,
          'input_tokens.cached': 64,
          'input_tokens.cache_write': 12,
        }),
      ),
    ],
    [448_200, WORKED],
  ),
  priced(
    'worked example, numbers as text',
    [
      NOW,
      withAttributes(otel('anthropic', SONNET, {}), {
        'gen_ai.usage.input_tokens': '109',
        'gen_ai.usage.output_tokens': '19',
        'gen_ai.usage.cache_read.input_tokens': '64',
        'gen_ai.usage.cache_write.input_tokens': '12',
      }),
    ],
    [448_200, WORKED],
  ),
]

const hourly: readonly CostRow[] = [
  priced(
    'an hour of cache, the SDK of Anthropic',
    [
      NOW,
      withAttributes(
        otel('anthropic', SONNET, {
          input_tokens: 450,
          output_tokens: 10,
          'cache_read.input_tokens': 100,
          'cache_creation.input_tokens': 250,
        }),
        {
          'anthropic.usage.cache_creation.ephemeral_5m_input_tokens': 50,
          'anthropic.usage.cache_creation.ephemeral_1h_input_tokens': 200,
        },
      ),
    ],
    [1_867_500, HOURLY],
  ),
  priced(
    'an hour of cache, OpenInference',
    [
      NOW,
      openinferenceAnswer(
        SONNET,
        {
          prompt: 450,
          completion: 10,
          'prompt_details.cache_read': 100,
          'prompt_details.cache_write': 250,
        },
        { id: 'msg_1', model: SONNET, usage: HOURLY_USAGE },
      ),
    ],
    [1_867_500, HOURLY],
  ),
  priced(
    'an hour of cache, AI SDK 5',
    [
      NOW,
      withProviderMetadata(
        { anthropic: { usage: HOURLY_USAGE, cacheCreationInputTokens: 250 } },
        aiSdk5('anthropic.messages', SONNET, {
          inputTokens: 100,
          outputTokens: 10,
          cachedInputTokens: 100,
        }),
      ),
    ],
    [1_867_500, HOURLY],
  ),
  priced(
    'an hour of cache, Langfuse',
    [
      NOW,
      langfuse(SONNET, {
        input: 100,
        output: 10,
        input_cached_tokens: 100,
        input_cache_creation_5m: 50,
        input_cache_creation_1h: 200,
      }),
    ],
    [1_867_500, HOURLY],
  ),
  priced(
    'an hour of cache, LangSmith',
    [
      NOW,
      langsmith('anthropic', SONNET, {
        input_tokens: 450,
        output_tokens: 10,
        input_token_details: {
          cache_read: 100,
          cache_creation: 250,
          ephemeral_5m_input_tokens: 50,
          ephemeral_1h_input_tokens: 200,
        },
      }),
    ],
    [1_867_500, HOURLY],
  ),
  priced(
    'an hour of cache, LangSmith from JavaScript',
    [
      NOW,
      langsmith('anthropic', SONNET, {
        input_tokens: 450,
        output_tokens: 10,
        input_token_details: {
          cache_read: 100,
          ephemeral_5m_input_tokens: 50,
          ephemeral_1hr_input_tokens: 200,
        },
      }),
    ],
    [1_867_500, HOURLY],
  ),
  priced(
    'an hour of cache, LangChain to Langfuse',
    [
      NOW,
      langfuse(SONNET, {
        input: 100,
        output: 10,
        input_cache_read: 100,
        input_cache_creation: 0,
        input_ephemeral_5m_input_tokens: 50,
        input_ephemeral_1h_input_tokens: 200,
      }),
    ],
    [1_867_500, HOURLY],
  ),
  priced(
    'an hour of cache, LiteLLM',
    [
      NOW,
      withAttributes(
        otel('anthropic', SONNET, {
          input_tokens: 450,
          output_tokens: 10,
          'cache_read.input_tokens': 100,
          'cache_creation.input_tokens': 250,
        }),
        {
          'litellm.call_id': 'c1',
          'metadata.usage_object':
            "{'prompt_tokens': 450, 'prompt_tokens_details': {'audio_tokens': None, 'cache_creation_token_details': {'ephemeral_5m_input_tokens': 50, 'ephemeral_1h_input_tokens': 200}}}",
        },
      ),
    ],
    [1_867_500, HOURLY],
  ),
  priced(
    'an hour of cache, under the older name of writes',
    [
      NOW,
      otel('anthropic', SONNET, {
        input_tokens: 450,
        output_tokens: 10,
        'cache_read.input_tokens': 100,
        'cache_creation.input_tokens': 250,
        'cache_creation.ephemeral_1h_input_tokens': 200,
      }),
    ],
    [1_867_500, HOURLY],
  ),
]

export const ANTHROPIC_ROWS: readonly CostRow[] = [...worked, ...hourly]
