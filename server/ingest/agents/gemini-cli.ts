import type { Dialect, DialectView } from '../dialects/dialect.ts'
import { type Agent, FAILED, durationOf, fromEvent, markOf, readPrompt, textOf } from './agent.ts'

/** Gemini's output excludes thoughts; Qwen Code, a fork of its CLI, includes them. */
export const geminiCli = agentLike({
  name: 'gemini-cli',
  prefix: 'gemini_cli.',
  reasoning: 'exclusive',
})
export const qwenCode = agentLike({
  name: 'qwen-code',
  prefix: 'qwen-code.',
  reasoning: 'inclusive',
})

type Own = { name: string; prefix: string; reasoning: 'exclusive' | 'inclusive' }

function agentLike(own: Own): Agent {
  return {
    name: own.name,
    prefix: own.prefix,
    scope: null,
    session: ['session.id'],
    turn: ['prompt_id'],
    sessionAttributes: [],
    events: {
      user_prompt: readPrompt,
      api_response: (event) => ({
        kind: 'call',
        key: textOf(event, 'response_id'),
        durationMs: durationOf(event),
        needs: [],
      }),
      api_error: (event) => ({ kind: 'call', key: null, durationMs: durationOf(event), needs: [] }),
      tool_call: (event) => ({
        kind: 'tool',
        key: textOf(event, 'call_id'),
        durationMs: durationOf(event),
      }),
    },
    dialect: dialectLike(own),
    twins: null,
    sessionTwins: [own.name],
  }
}

function dialectLike({ name, reasoning }: Own): Dialect {
  const mark = markOf(name)
  const isFailure = (view: DialectView): boolean => view.value(mark) === 'api_error'
  return {
    name,
    markers: [mark],
    kinds: [{ key: mark, types: { api_response: 'llm', api_error: 'llm', tool_call: 'tool' } }],
    fields: {
      requestModel: [fromEvent({ key: 'model', when: isFailure })],
      responseModel: [fromEvent({ key: 'model', when: (view) => !isFailure(view) })],
      responseId: [fromEvent('response_id')],
      inputTokens: [fromEvent('input_token_count')],
      outputTokens: [fromEvent('output_token_count')],
      totalTokens: [fromEvent('total_token_count')],
      cacheReadTokens: [fromEvent('cached_content_token_count')],
      reasoningTokens: [fromEvent('thoughts_token_count')],
      finishReasons: [fromEvent('finish_reasons')],
      outputMessages: [fromEvent('response_text')],
      errorType: ['error_type', 'error.type'].map(fromEvent),
      errorMessage: ['error', 'error_message', 'error.message'].map(fromEvent),
      errorStatusCode: [fromEvent('status_code')],
      failed: [FAILED],
      sessionId: [fromEvent('session.id')],
      userId: ['user.email', 'user.id', 'installation.id'].map(fromEvent),
      toolName: [fromEvent('function_name')],
      toolCallId: [fromEvent('call_id')],
      toolArguments: [fromEvent('function_args')],
    },
    counting: () => ({ reasoning }),
  }
}
