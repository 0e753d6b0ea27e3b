import type { Language, Topic } from '../simulator/content/language-pack.ts'

/** One question of one customer, with every random draw that its handling needs. */
export type Ticket = {
  /** Unique within the traffic of one seed, for example `418.2.1` (minute, session, turn). */
  id: string
  at: number
  sessionId: string
  userId: string
  /** 0 for the first question of a session. */
  turn: number
  isLastTurn: boolean
  language: Language
  topic: Topic
  question: string
  model: string
  retrieveMs: number
  toolMs: number
  toolFails: boolean
}
