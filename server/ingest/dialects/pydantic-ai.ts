import { eventListMessages } from '../messages/gen-ai-messages.ts'
import type { Dialect } from './dialect.ts'

/** Pydantic AI: OTel's names; what an agent's run came to stands on the agent's span. */
export const pydanticAi: Dialect = {
  name: 'pydantic-ai',
  markers: ['pydantic_ai.all_messages'],
  scope: /^pydantic-ai$/,
  reads: ['agent_name', 'all_messages_events', 'pydantic_ai.all_messages'],
  fields: {
    agentName: ['agent_name'],
    toolArguments: ['tool_arguments'],
    toolResult: ['tool_response'],
    toolDefinitions: [{ key: 'model_request_parameters', path: 'function_tools' }],
    inputMessages: [
      { key: 'events', read: (view) => eventListMessages(view.json('events', ''), 'input') },
    ],
    outputMessages: [
      { key: 'events', read: (view) => eventListMessages(view.json('events', ''), 'output') },
    ],
  },
  // Its version 1 has agent spans without an operation, with the usage of all their calls.
  typeOf: (view) => {
    const isRun =
      view.value('all_messages_events') !== undefined ||
      view.value('pydantic_ai.all_messages') !== undefined
    return isRun && view.value('gen_ai.operation.name') === undefined ? 'agent' : null
  },
}
