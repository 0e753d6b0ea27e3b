import type { Exchange } from './chat-requests.ts'
import type { Ticket } from './ticket.ts'

/** What was said before in sessions that are still open. */
export type Conversations = {
  earlier(ticket: Ticket): readonly Exchange[]
  record(ticket: Ticket, answer: string | undefined): void
}

/** A session without its last turn (a ticket that never ran) is forgotten when this many are open. */
const MAX_OPEN_SESSIONS = 20_000

export function createConversations(): Conversations {
  const exchangesBySession = new Map<string, readonly Exchange[]>()
  return {
    earlier: (ticket) => exchangesBySession.get(ticket.sessionId) ?? [],
    record(ticket, answer) {
      const earlier = exchangesBySession.get(ticket.sessionId) ?? []
      exchangesBySession.delete(ticket.sessionId)
      if (ticket.isLastTurn) return
      const oldest = exchangesBySession.keys().next()
      if (exchangesBySession.size >= MAX_OPEN_SESSIONS && oldest.done !== true) {
        exchangesBySession.delete(oldest.value)
      }
      exchangesBySession.set(
        ticket.sessionId,
        answer === undefined ? earlier : [...earlier, { question: ticket.question, answer }],
      )
    },
  }
}
