/** Why records are refused, in words, and what the sender can do. */
const REASONS: Readonly<Record<string, { title: string; advice: string }>> = {
  invalid_trace_id: {
    title: 'trace id is not 16 bytes',
    advice: 'OTLP/JSON takes 32 hex digits, not base64; all zero is no id.',
  },
  invalid_span_id: {
    title: 'span id is not 8 bytes',
    advice: 'OTLP/JSON takes 16 hex digits, not base64; all zero is no id.',
  },
  invalid_time: {
    title: 'a time is no number of nanoseconds',
    advice: 'Send startTimeUnixNano and endTimeUnixNano as whole nanoseconds since 1970.',
  },
  invalid_value: {
    title: 'a value has the wrong type',
    advice: 'An attribute holds one of the kinds of AnyValue; see the sample for which does not.',
  },
  too_many_attributes: {
    title: 'over 10,000 attributes',
    advice: 'Put lists and objects into one JSON attribute instead of one attribute a value.',
  },
  too_deep: {
    title: 'nested over 64 levels',
    advice: 'Flatten the value, or send it as JSON text.',
  },
  database_refused: {
    title: 'the database refused the content',
    advice: 'The sample names the span: please report it with its attributes.',
  },
  not_stored: {
    title: 'logs and metrics that are not kept',
    advice:
      'Only GenAI events, coding agents’ events and model servers’ metrics are kept. Send the others elsewhere.',
  },
  bad_request: {
    title: 'unreadable body',
    advice: 'A body cut short, or a Content-Type that does not say what it holds.',
  },
  unsupported_type: {
    title: 'unknown Content-Type',
    advice: 'Use application/x-protobuf or application/json.',
  },
  unsupported_encoding: { title: 'unknown Content-Encoding', advice: 'Use gzip, zstd or none.' },
  too_large: { title: 'body over 64 MiB', advice: 'Send smaller batches.' },
  unavailable: {
    title: 'not taken for want of room or database',
    advice: 'The sender was told to come back; what it kept is sent again.',
  },
  unauthorized: { title: 'no valid key', advice: 'Send the key in a header.' },
}

export function reasonText(reason: string): { title: string; advice: string } {
  return REASONS[reason] ?? { title: reason.replaceAll('_', ' '), advice: 'See the samples.' }
}

type Fix = { label: string; why: string; snippet: string }

/** What a field is good for, and the line that fills it. */
const USAGE_OF_STREAMS = 'stream_options: { include_usage: true }'

const FIXES: Readonly<Record<string, Fix>> = {
  service: { label: 'Service', why: 'who sends what', snippet: 'OTEL_SERVICE_NAME=chat-api' },
  model: {
    label: 'Model',
    why: 'every chart by model, and prices',
    snippet: 'gen_ai.request.model=my-bert-base',
  },
  tokens: { label: 'Tokens', why: 'usage, and cost made of it', snippet: USAGE_OF_STREAMS },
  cost: {
    label: 'Cost',
    why: 'spend; it takes tokens, and a model with a price',
    snippet: USAGE_OF_STREAMS,
  },
  userId: {
    label: 'User',
    why: 'cost and errors per user',
    snippet: "withContext({ user: 'u-17' }, () => answer(question))",
  },
  sessionId: {
    label: 'Session',
    why: 'conversations in one piece',
    snippet: "withContext({ session: 's-4' }, () => answer(question))",
  },
  release: {
    label: 'Release',
    why: 'marks in charts, before and after',
    snippet: 'OTEL_RESOURCE_ATTRIBUTES=service.version=1.4.0',
  },
  environment: {
    label: 'Environment',
    why: 'keeps staging out of production’s figures',
    snippet: 'OTEL_RESOURCE_ATTRIBUTES=deployment.environment.name=production',
  },
  promptName: {
    label: 'Prompt',
    why: 'compares prompt versions',
    snippet: "withContext({ prompt: { name: 'support', version: 14 } }, () => answer(question))",
  },
}

export function fixOf(field: string): Fix {
  return FIXES[field] ?? { label: field, why: '', snippet: '' }
}
