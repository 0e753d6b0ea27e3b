import type { Dialect, DialectView } from './dialect.ts'

/**
 * OpenLLMetry (Traceloop): its model calls speak OTel's names (`gen-ai.ts`), its workflow spans and
 * the session and user of all of them these.
 */
export const traceloop: Dialect = {
  name: 'traceloop',
  markers: [
    'traceloop.span.kind',
    'traceloop.workflow.name',
    'traceloop.association.properties.session_id',
    'traceloop.association.properties.user_id',
  ],
  scope: /^(@traceloop\/|opentelemetry\.instrumentation\.openai\.v\d)/,
  kinds: [
    {
      key: 'traceloop.span.kind',
      types: { workflow: 'chain', task: 'chain', agent: 'agent', tool: 'tool' },
    },
  ],
  fields: {
    sessionId: [
      'traceloop.association.properties.session_id',
      'traceloop.association.properties.sessionId',
      'traceloop.association.properties.thread_id',
      'traceloop.association.properties.conversation_id',
      'traceloop.association.properties.chat_id',
    ],
    userId: ['traceloop.association.properties.user_id', 'traceloop.association.properties.userId'],
    promptName: ['traceloop.prompt.key'],
    promptVersion: ['traceloop.prompt.version'],
    agentName: [{ key: 'traceloop.entity.name', when: (view) => view.type === 'agent' }],
    toolName: [{ key: 'traceloop.entity.name', when: isTool }],
    toolCallId: [
      'gen_ai.tool.call.id',
      { key: 'traceloop.entity.input', path: 'kwargs.tool_call_id', when: isLangChainRun },
    ],
    toolArguments: [
      { key: 'traceloop.entity.input', path: 'inputs', when: isLangChainRun },
      { key: 'traceloop.entity.input', path: 'input_str', when: isLangChainRun },
      'gen_ai.tool.call.arguments',
      { key: 'traceloop.entity.input', path: 'kwargs', when: hasNamedArguments },
      { key: 'traceloop.entity.input', when: isTool },
    ],
    toolResult: [
      { key: 'traceloop.entity.output', path: 'output.kwargs.content', when: isLangChainRun },
      { key: 'traceloop.entity.output', path: 'output', when: isLangChainRun },
      'gen_ai.tool.call.result',
      { key: 'traceloop.entity.output', when: isTool },
    ],
  },
  // LangChain's handler writes the whole record of its run there.
  hides: {
    toolArguments: ['gen_ai.tool.call.arguments'],
    toolResult: ['gen_ai.tool.call.result'],
  },
}

function isLangChainRun(view: DialectView): boolean {
  return isTool(view) && view.json('traceloop.entity.input', 'input_str') !== undefined
}

function isTool(view: DialectView): boolean {
  return view.type === 'tool'
}

/** A tool of one object argument is recorded as `kwargs`, others as the list `args`. */
function hasNamedArguments(view: DialectView): boolean {
  const named = view.json('traceloop.entity.input', 'kwargs')
  const isFilled = typeof named === 'object' && named !== null && Object.keys(named).length > 0
  return isTool(view) && isFilled && !isLangChainRun(view)
}
