import type { DialectView, Source } from './dialect.ts'
import { isTool } from './span-type.ts'

/** What LangChain's handlers record as a tool's result: the message that answers its call. */
export function toolMessage(key: string, path = ''): { callId: Source; content: Source } {
  const at = (name: string): string => (path === '' ? name : `${path}.${name}`)
  const isMessage = (view: DialectView): boolean =>
    isTool(view) && view.json(key, at('tool_call_id')) !== undefined
  return {
    callId: { key, path: at('tool_call_id'), when: isTool },
    content: { key, path: at('content'), when: isMessage },
  }
}
