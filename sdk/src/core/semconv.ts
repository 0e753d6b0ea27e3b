// The names on the wire: OpenTelemetry GenAI (semantic-conventions-genai, September 2026) and our own.
/**
 * The instrumentation scope of every span of ours.
 *
 * @example
 * tracerProvider.getTracer(SCOPE_NAME, SDK_VERSION, { schemaUrl: SCHEMA_URL })
 */
export const SCOPE_NAME = 'sightline'
/**
 * The version of OpenTelemetry's names that our spans use.
 *
 * @example
 * tracerProvider.getTracer(SCOPE_NAME, SDK_VERSION, { schemaUrl: SCHEMA_URL })
 */
export const SCHEMA_URL = 'https://opentelemetry.io/schemas/1.42.0'

export const ATTR_OPERATION = 'gen_ai.operation.name'
export const ATTR_PROVIDER = 'gen_ai.provider.name'
export const ATTR_OUTPUT_TYPE = 'gen_ai.output.type'
export const ATTR_CONVERSATION_ID = 'gen_ai.conversation.id'
export const ATTR_PROMPT_NAME = 'gen_ai.prompt.name'
export const ATTR_PROMPT_VERSION = 'gen_ai.prompt.version'
export const PROMPT_VARIABLE_PREFIX = 'gen_ai.prompt.variable.'

export const ATTR_REQUEST_MODEL = 'gen_ai.request.model'
export const ATTR_REQUEST_STREAM = 'gen_ai.request.stream'
export const ATTR_REQUEST_CHOICE_COUNT = 'gen_ai.request.choice.count'
export const ATTR_REQUEST_MAX_TOKENS = 'gen_ai.request.max_tokens'
export const ATTR_REQUEST_TEMPERATURE = 'gen_ai.request.temperature'
export const ATTR_REQUEST_TOP_P = 'gen_ai.request.top_p'
export const ATTR_REQUEST_TOP_K = 'gen_ai.request.top_k'
export const ATTR_REQUEST_FREQUENCY_PENALTY = 'gen_ai.request.frequency_penalty'
export const ATTR_REQUEST_PRESENCE_PENALTY = 'gen_ai.request.presence_penalty'
export const ATTR_REQUEST_SEED = 'gen_ai.request.seed'
export const ATTR_REQUEST_STOP_SEQUENCES = 'gen_ai.request.stop_sequences'
export const ATTR_REQUEST_REASONING_LEVEL = 'gen_ai.request.reasoning.level'
export const ATTR_REQUEST_ENCODING_FORMATS = 'gen_ai.request.encoding_formats'

export const ATTR_RESPONSE_ID = 'gen_ai.response.id'
export const ATTR_RESPONSE_MODEL = 'gen_ai.response.model'
export const ATTR_RESPONSE_FINISH_REASONS = 'gen_ai.response.finish_reasons'
export const ATTR_RESPONSE_TIME_TO_FIRST_CHUNK = 'gen_ai.response.time_to_first_chunk'

export const ATTR_USAGE_INPUT = 'gen_ai.usage.input_tokens'
export const ATTR_USAGE_OUTPUT = 'gen_ai.usage.output_tokens'
export const ATTR_USAGE_CACHE_READ = 'gen_ai.usage.cache_read.input_tokens'
export const ATTR_USAGE_CACHE_WRITE = 'gen_ai.usage.cache_write.input_tokens'
// The name until September 2026; sent beside the new one for one release cycle.
export const ATTR_USAGE_CACHE_CREATION = 'gen_ai.usage.cache_creation.input_tokens'
export const ATTR_USAGE_REASONING = 'gen_ai.usage.reasoning.output_tokens'
export const ATTR_USAGE_AUDIO_INPUT = 'gen_ai.usage.audio.input_tokens'
export const ATTR_USAGE_AUDIO_OUTPUT = 'gen_ai.usage.audio.output_tokens'
export const ATTR_USAGE_IMAGE_INPUT = 'gen_ai.usage.image.input_tokens'
export const ATTR_USAGE_IMAGE_OUTPUT = 'gen_ai.usage.image.output_tokens'

export const ATTR_INPUT_MESSAGES = 'gen_ai.input.messages'
export const ATTR_OUTPUT_MESSAGES = 'gen_ai.output.messages'
export const ATTR_SYSTEM_INSTRUCTIONS = 'gen_ai.system_instructions'
export const ATTR_TOOL_DEFINITIONS = 'gen_ai.tool.definitions'

export const ATTR_AGENT_NAME = 'gen_ai.agent.name'
export const ATTR_TOOL_NAME = 'gen_ai.tool.name'
export const ATTR_TOOL_TYPE = 'gen_ai.tool.type'
export const ATTR_TOOL_ARGUMENTS = 'gen_ai.tool.call.arguments'
export const ATTR_TOOL_RESULT = 'gen_ai.tool.call.result'
export const ATTR_RETRIEVAL_QUERY = 'gen_ai.retrieval.query.text'
export const ATTR_RETRIEVAL_DOCUMENTS = 'gen_ai.retrieval.documents'
export const ATTR_EMBEDDING_DIMENSIONS = 'gen_ai.embeddings.dimension.count'

export const ATTR_OPENAI_REQUEST_SERVICE_TIER = 'openai.request.service_tier'
export const ATTR_OPENAI_RESPONSE_SERVICE_TIER = 'openai.response.service_tier'
export const ATTR_OPENAI_SYSTEM_FINGERPRINT = 'openai.response.system_fingerprint'
export const ATTR_OPENAI_API_TYPE = 'openai.api.type'

export const ATTR_SERVER_ADDRESS = 'server.address'
export const ATTR_SERVER_PORT = 'server.port'
export const ATTR_ERROR_TYPE = 'error.type'
export const ATTR_SESSION_ID = 'session.id'
export const ATTR_USER_ID = 'user.id'

export const ATTR_KIND = 'sightline.kind'
export const ATTR_TASK = 'sightline.task'
export const ATTR_TAGS = 'sightline.tags'
export const METADATA_PREFIX = 'sightline.metadata.'
export const ATTR_INPUT = 'sightline.input'
export const ATTR_OUTPUT = 'sightline.output'
export const ATTR_STREAM_STATE = 'sightline.stream.state'
export const ATTR_USAGE_SOURCE = 'sightline.usage.source'
export const ATTR_EMBEDDING_COUNT = 'sightline.embeddings.count'
export const ATTR_RETRY_COUNT = 'sightline.retry.count'
export const ATTR_SDK_VERSION = 'sightline.sdk.version'
export const ATTR_PROMPT_LABEL = 'sightline.prompt.label'
export const ATTR_INPUT_COUNT = 'sightline.input.count'
export const ATTR_INPUT_CHARACTERS = 'sightline.input.characters'
export const ATTR_LABEL = 'sightline.label'
export const ATTR_LABEL_SCORE = 'sightline.label.score'
export const ATTR_SAMPLE_PROBABILITY = 'sightline.sample.probability'
export const ATTR_CONTENT_DROPPED = 'sightline.content.dropped'
export const ATTR_CONTENT_TRUNCATED = 'sightline.content.truncated'

export const EVENT_EVALUATION = 'gen_ai.evaluation.result'
export const ATTR_EVALUATION_NAME = 'gen_ai.evaluation.name'
export const ATTR_EVALUATION_VALUE = 'gen_ai.evaluation.score.value'
export const ATTR_EVALUATION_LABEL = 'gen_ai.evaluation.score.label'
export const ATTR_EVALUATION_EXPLANATION = 'gen_ai.evaluation.explanation'
export const ATTR_SCORE_ID = 'sightline.score.id'
export const ATTR_SCORE_SOURCE = 'sightline.score.source'

export const RESOURCE_SDK_INSTANCE = 'sightline.sdk.instance'
export const RESOURCE_SDK_DROPPED = 'sightline.sdk.dropped'
export const RESOURCE_SERVICE_NAME = 'service.name'
export const RESOURCE_SERVICE_VERSION = 'service.version'
export const RESOURCE_ENVIRONMENT = 'deployment.environment.name'
