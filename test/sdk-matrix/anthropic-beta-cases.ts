import { betaTool } from '@anthropic-ai/sdk/helpers/beta/json-schema'
import { expect } from 'vitest'
import {
  messagesOf,
  NEWEST_LABEL,
  plainParams,
  PREVIOUS_LABEL,
  textIn,
} from './anthropic-setting.ts'
import type { AnthropicSetting } from './anthropic-setting.ts'
import type { MatrixCase } from './matrix-case.ts'
import { readAll, shapeOf } from './snapshot.ts'

function runnerParams() {
  const lookUp = betaTool({
    name: 'look_up_order',
    description: 'Finds an order',
    inputSchema: { type: 'object', properties: { id: { type: 'string' } } },
    run: async () => 'The parcel left on Monday.',
  })
  return { ...plainParams(), tools: [lookUp] }
}

/** What only `beta`, or only one of the two versions, has. */
export const betaCases: readonly MatrixCase<AnthropicSetting>[] = [
  {
    name: 'tool-runner',
    group: 'more',
    run: async ({ client }) => {
      const runner = client.beta.messages.toolRunner(runnerParams())
      return { messages: await readAll(runner), final: await runner.done() }
    },
    expected: {
      count: 2,
      usage: 'provider',
      checkAll: ([asking, answering]) => {
        expect(asking?.attributes['gen_ai.response.finish_reasons']).toEqual(['tool_use'])
        // In a thread, a turn carries only what is new and names the answer that it goes on from.
        const before = answering?.attributes['gen_ai.request.previous_response.id']
        const asked = answering === undefined ? [] : messagesOf(answering, 'input')
        expect(asked.at(-1)?.parts[0]).toMatchObject({ type: 'tool_call_response' })
        if (before === undefined) expect(asked).toHaveLength(3)
        else expect(before).toBe(asking?.attributes['gen_ai.response.id'])
      },
    },
  },
  {
    name: 'tool-runner-stream',
    group: 'more',
    run: async ({ client }) => {
      const seen: unknown[] = []
      for await (const helper of client.beta.messages.toolRunner({
        ...runnerParams(),
        stream: true,
      })) {
        seen.push(await readAll(helper), await helper.finalMessage())
      }
      return seen
    },
    expected: {
      count: 2,
      state: 'complete',
      usage: 'provider',
      checkAll: ([, answering]) => {
        expect(answering === undefined ? '' : textIn(answering)).not.toBe('')
      },
    },
  },
  {
    name: 'thread',
    group: 'more',
    run: async ({ client }) => {
      const { model, max_tokens } = plainParams()
      const thread = client.beta.messages.thread({ model, max_tokens })
      const first = await thread.send({ role: 'user', content: 'Hello' })
      const second = await thread.send({ role: 'user', content: 'And then?' })
      return { shape: shapeOf(thread), first, second, messages: thread.messages }
    },
    expected: { count: 2, usage: 'provider' },
    reasons: { [PREVIOUS_LABEL]: 'it has no threads' },
  },
  {
    name: 'thread-stream',
    group: 'more',
    run: async ({ client }) => {
      const { model, max_tokens } = plainParams()
      const thread = client.beta.messages.thread({ model, max_tokens })
      const helper = thread.stream({ role: 'user', content: 'Hello' })
      const events = await readAll(helper)
      const forked = await thread.fork().stream({ role: 'user', content: 'And?' }).finalMessage()
      return { helper: shapeOf(helper), events, forked }
    },
    expected: { count: 2, state: 'complete', usage: 'provider' },
    reasons: { [PREVIOUS_LABEL]: 'it has no threads' },
  },
  {
    name: 'text-completion',
    group: 'more',
    run: async ({ client }) => await completionsOf(client).create(COMPLETION),
    expected: {
      usage: 'absent',
      check: (span) => {
        expect(span.name).toBe('text_completion claude-2.1')
        expect(textIn(span)).not.toBe('')
      },
    },
    reasons: { [NEWEST_LABEL]: 'it has no text completions' },
  },
  {
    name: 'text-completion-stream',
    group: 'more',
    run: async ({ client }) =>
      await readAll(await completionsOf(client).create({ ...COMPLETION, stream: true })),
    expected: {
      state: 'complete',
      usage: 'absent',
      check: (span) => expect(textIn(span)).not.toBe(''),
    },
    reasons: { [NEWEST_LABEL]: 'it has no text completions' },
  },
]

const COMPLETION = {
  model: 'claude-2.1',
  prompt: '\n\nHuman: Hello\n\nAssistant:',
  max_tokens_to_sample: 200,
}

type Completions = { create(params: object): Promise<AsyncIterable<unknown>> }

/** Gone from version 1 on, and so from the types. */
function completionsOf(client: object): Completions {
  return (client as { completions: Completions }).completions
}
