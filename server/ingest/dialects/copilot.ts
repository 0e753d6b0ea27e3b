import type { Dialect } from './dialect.ts'

/** GitHub Copilot, CLI and editor: OTel's names. Its `github.copilot.cost` is no money. */
export const copilot: Dialect = {
  name: 'copilot',
  markers: [
    'github.copilot.cost',
    'github.copilot.interaction_id',
    'github.copilot.turn_count',
    'github.copilot.agent.type',
    'copilot_chat.time_to_first_token',
  ],
  scope: /^(github\.copilot|copilot-chat)/,
  fields: {
    ttft: [
      { key: 'github.copilot.time_to_first_chunk', unit: 's' },
      { key: 'copilot_chat.time_to_first_token', unit: 'ms' },
    ],
    sessionId: ['copilot_chat.chat_session_id', 'copilot_chat.session_id'],
  },
}
