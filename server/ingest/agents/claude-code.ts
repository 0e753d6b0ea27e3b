import { claudeCode as spans } from '../dialects/claude-code.ts'
import type { DialectView } from '../dialects/dialect.ts'
import {
  type Agent,
  contentOf,
  FAILED,
  durationOf,
  fromEvent,
  markOf,
  readPrompt,
  textOf,
} from './agent.ts'

const MARK = markOf('claude-code')

/** Claude Code's events: one for each call, with the counts of Anthropic's API (cache apart). */
export const claudeCode: Agent = {
  name: 'claude-code',
  prefix: 'claude_code.',
  scope: /^com\.anthropic\.claude_code/,
  session: ['session.id'],
  turn: ['prompt.id'],
  sessionAttributes: [],
  events: {
    api_request: (event) => ({
      kind: 'call',
      key: textOf(event, 'request_id'),
      durationMs: durationOf(event),
      needs: [],
    }),
    api_error: (event) => ({
      kind: 'call',
      key: textOf(event, 'request_id'),
      durationMs: durationOf(event),
      needs: [],
    }),
    tool_result: (event) => ({
      kind: 'tool',
      key: textOf(event, 'tool_use_id'),
      durationMs: durationOf(event),
    }),
    assistant_response: (event) => {
      const key = textOf(event, 'request_id')
      const text = contentOf(event, 'response')
      return key !== null && text !== null ? { kind: 'answer', key, text } : { kind: 'part' }
    },
    user_prompt: readPrompt,
  },
  dialect: {
    ...spans,
    markers: [MARK],
    scope: /^$/,
    kinds: [{ key: MARK, types: { api_request: 'llm', api_error: 'llm', tool_result: 'tool' } }],
    fields: {
      ...Object.fromEntries(
        Object.entries(spans.fields).map(([field, sources]) => [field, sources.map(fromEvent)]),
      ),
      // An answer names the model that gave it; without one there is only the request's.
      requestModel: [fromEvent({ key: 'model', when: isFailure })],
      responseModel: [fromEvent({ key: 'model', when: (view) => isOf(view, 'api_request') })],
      userId: ['user.account_uuid', 'user.email', 'user.id'].map(fromEvent),
      sessionId: [fromEvent('session.id')],
      failed: [FAILED],
    },
    hides: { ...spans.hides, requestModel: ['model'] },
  },
  twins: { scope: 'com.anthropic.claude_code.tracing', key: 'request_id' },
  sessionTwins: null,
}

function isOf(view: DialectView, event: string): boolean {
  return view.value(MARK) === event
}

function isFailure(view: DialectView): boolean {
  return isOf(view, 'api_error')
}
