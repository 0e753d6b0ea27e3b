// The names that Anthropic's own clients use on their spans, where OpenTelemetry has none.
export const ATTR_REQUEST_TOP_K = 'gen_ai.request.top_k'
export const ATTR_REQUEST_SERVICE_TIER = 'anthropic.request.service_tier'
export const ATTR_THINKING_TYPE = 'anthropic.thinking.type'
export const ATTR_THINKING_BUDGET = 'anthropic.thinking.budget_tokens'
export const ATTR_RESPONSE_SERVICE_TIER = 'anthropic.response.service_tier'
export const ATTR_REQUEST_ID = 'anthropic.request.id'
export const ATTR_CACHE_WRITE_5M = 'anthropic.usage.cache_creation.ephemeral_5m_input_tokens'
export const ATTR_CACHE_WRITE_1H = 'anthropic.usage.cache_creation.ephemeral_1h_input_tokens'
export const ATTR_WEB_SEARCHES = 'anthropic.usage.server_tool_use.web_search_requests'
// A turn of a thread carries only what is new; what came before stays at Anthropic.
export const ATTR_PREVIOUS_MESSAGE_ID = 'gen_ai.request.previous_response.id'
