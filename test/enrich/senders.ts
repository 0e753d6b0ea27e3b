// How senders write one call's usage into a span, each under its own names. No product code here.

export type Sent = {
  scope: { name: string; version: string }
  attributes: Record<string, string | number | boolean>
}

type Usage = Record<string, number>

/** OpenTelemetry's conventions from 1.37 on; `usage` without the prefix `gen_ai.usage.`. */
export function otel(provider: string, model: string, usage: Usage): Sent {
  return {
    scope: { name: 'app', version: '1.0.0' },
    attributes: {
      'gen_ai.operation.name': 'chat',
      'gen_ai.provider.name': provider,
      'gen_ai.request.model': model,
      'gen_ai.response.model': model,
      ...prefixed('gen_ai.usage.', usage),
    },
  }
}

export function otelEmbedding(provider: string, model: string, inputTokens: number): Sent {
  const sent = otel(provider, model, { input_tokens: inputTokens })
  return { ...sent, attributes: { ...sent.attributes, 'gen_ai.operation.name': 'embeddings' } }
}

/** OpenTelemetry's conventions up to 1.36. */
export function olderOtel(system: string, model: string, usage: Usage): Sent {
  return {
    scope: { name: 'opentelemetry.instrumentation.openai_v2', version: '2.1b0' },
    attributes: {
      'gen_ai.operation.name': 'chat',
      'gen_ai.system': system,
      'gen_ai.request.model': model,
      'gen_ai.response.model': model,
      ...prefixed('gen_ai.usage.', usage),
    },
  }
}

/** OpenLLMetry of one package; Anthropic's JavaScript one up to 0.27 leaves the cache out of input. */
export function openllmetry(
  scope: Sent['scope'],
  [system, model]: readonly [string, string],
  usage: Usage,
): Sent {
  return {
    scope,
    attributes: {
      'llm.request.type': 'chat',
      'gen_ai.system': system,
      'gen_ai.request.model': model,
      'gen_ai.response.model': model,
      ...prefixed('gen_ai.usage.', usage),
    },
  }
}

/** OpenInference; `usage` without the prefix `llm.token_count.`. */
export function openinference(provider: string, model: string, usage: Usage): Sent {
  return {
    scope: { name: '@arizeai/openinference-instrumentation-openai', version: '3.2.0' },
    attributes: {
      'openinference.span.kind': 'LLM',
      'llm.provider': provider,
      'llm.model_name': model,
      ...prefixed('llm.token_count.', usage),
    },
  }
}

/** OpenInference with the provider's own answer in `output.value`. */
export function openinferenceAnswer(model: string, usage: Usage, answer: object): Sent {
  const sent = openinference('anthropic', model, usage)
  return { ...sent, attributes: { ...sent.attributes, 'output.value': JSON.stringify(answer) } }
}

/** Vercel AI SDK 5, the inner span. */
export function aiSdk5(provider: string, model: string, usage: Usage): Sent {
  return {
    scope: { name: 'ai', version: '' },
    attributes: {
      'operation.name': 'ai.generateText.doGenerate',
      'ai.operationId': 'ai.generateText.doGenerate',
      'ai.model.provider': provider,
      'ai.model.id': model,
      'ai.response.model': model,
      'gen_ai.system': provider,
      'gen_ai.request.model': model,
      'gen_ai.response.model': model,
      ...prefixed('ai.usage.', usage),
    },
  }
}

/** Langfuse SDK: every bucket without the others. */
export function langfuse(model: string, usageDetails: Usage): Sent {
  return {
    scope: { name: 'langfuse-sdk', version: '5.11.1' },
    attributes: {
      'langfuse.observation.type': 'generation',
      'langfuse.observation.model.name': model,
      'langfuse.observation.usage_details': JSON.stringify(usageDetails),
    },
  }
}

/** MLflow: JSON text in every attribute. */
export function mlflow(provider: string, model: string, tokenUsage: Usage): Sent {
  return {
    scope: { name: 'mlflow', version: '3.5.0' },
    attributes: {
      'mlflow.spanType': '"CHAT_MODEL"',
      'mlflow.llm.provider': JSON.stringify(provider),
      'mlflow.llm.model': JSON.stringify(model),
      'mlflow.chat.tokenUsage': JSON.stringify(tokenUsage),
    },
  }
}

/** LangSmith's OpenTelemetry export. */
export function langsmith(
  system: string,
  model: string,
  usage: { input_tokens: number; output_tokens: number; input_token_details?: Usage },
): Sent {
  return {
    scope: { name: 'langsmith', version: '0.4.0' },
    attributes: {
      'langsmith.span.kind': 'llm',
      'gen_ai.operation.name': 'chat',
      'gen_ai.system': system,
      'gen_ai.request.model': model,
      'gen_ai.usage.input_tokens': usage.input_tokens,
      'gen_ai.usage.output_tokens': usage.output_tokens,
      'gen_ai.usage.total_tokens': usage.input_tokens + usage.output_tokens,
      'langsmith.usage_metadata': JSON.stringify(usage),
    },
  }
}

/** OpenLIT leaves Anthropic's cache out of input. */
export function openlit(system: string, model: string, usage: Usage): Sent {
  const sent = olderOtel(system, model, usage)
  return { ...sent, scope: { name: 'openlit.otel.tracing', version: '1.34.0' } }
}

/** A call that asked for a model by another name than its answer has. */
export function askedAs(requestModel: string, sent: Sent): Sent {
  return withAttributes(sent, { 'gen_ai.request.model': requestModel })
}

/** What the AI SDK passes on of its provider's answer. */
export function withProviderMetadata(metadata: object, sent: Sent): Sent {
  return withAttributes(sent, { 'ai.response.providerMetadata': JSON.stringify(metadata) })
}

/** The same from another instrumentation. */
export function inScope(name: string, version: string, sent: Sent): Sent {
  return { ...sent, scope: { name, version } }
}

/** Any sender's span with further attributes. */
export function withAttributes(sent: Sent, attributes: Sent['attributes']): Sent {
  return { ...sent, attributes: { ...sent.attributes, ...attributes } }
}

function prefixed(prefix: string, usage: Usage): Usage {
  return Object.fromEntries(Object.entries(usage).map(([key, count]) => [prefix + key, count]))
}
