import type { Dialect, DialectView } from './dialect.ts'

/** Semantic Kernel, Python and .NET: OTel's older names, messages in logs or span events. */
export const semanticKernel: Dialect = {
  name: 'semantic-kernel',
  markers: ['sk.available_functions'],
  scope: /^(semantic_kernel|Microsoft\.SemanticKernel)/,
  fields: {
    inputTokens: ['gen_ai.response.prompt_tokens'],
    outputTokens: ['gen_ai.response.completion_tokens'],
    streaming: [{ key: 'gen_ai.operation.name', read: isStreaming, note: 'told by the operation' }],
    toolDefinitions: [{ key: 'sk.available_functions', read: functionNames }],
  },
}

function isStreaming(view: DialectView): true | undefined {
  const operation = view.value('gen_ai.operation.name')
  return typeof operation === 'string' && operation.includes('streaming') ? true : undefined
}

/** Names parted by commas. */
function functionNames(view: DialectView): unknown {
  const sent = view.value('sk.available_functions')
  if (typeof sent !== 'string' || sent === '') return undefined
  if (sent.startsWith('[')) return sent
  return sent.split(',').map((name) => ({ type: 'function', name: name.trim() }))
}
