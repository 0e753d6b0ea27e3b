import { requestMessages, responseMessages } from '../messages/provider-json.ts'
import type { Dialect, DialectView } from './dialect.ts'
import { isLlm, isTool } from './span-type.ts'

const INPUT = 'gen_ai.input.messages'
const OUTPUT = 'gen_ai.output.messages'

/** Spans of Gemini CLI and what was made of it: Gemini's own JSON under OTel's names. */
export const geminiCli: Dialect = {
  name: 'gemini-cli',
  markers: [],
  scope: /^(gemini-cli|qwen-code)$/,
  fields: {
    toolCallId: ['gen_ai.tool.call_id'],
    toolArguments: [{ key: INPUT, path: 'request.args', when: isTool }],
    toolResult: [{ key: OUTPUT, when: isTool }],
    inputMessages: [
      { key: INPUT, when: isLlm, read: (view) => requestMessages(view.json(INPUT, '')) },
    ],
    outputMessages: [{ key: OUTPUT, when: isLlm, read: answer }],
  },
  // The id of the turn stands there.
  hides: { promptName: ['gen_ai.prompt.name'] },
}

/** One answer, or the chunks of one. */
function answer(view: DialectView): unknown {
  const sent = view.json(OUTPUT, '')
  const chunks: unknown[] = Array.isArray(sent) ? sent : [sent]
  const messages = chunks.flatMap((chunk) => responseMessages(chunk) ?? [])
  const [first] = messages
  if (first === undefined) return undefined
  return [{ ...first, parts: messages.flatMap(({ parts }) => parts) }]
}
