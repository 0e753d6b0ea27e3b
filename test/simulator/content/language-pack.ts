export type Language = 'en' | 'de' | 'es'

export const TOPICS = [
  'delivery',
  'refund',
  'return',
  'invoice',
  'account',
  'payment',
  'technical',
  'warranty',
] as const

export type Topic = (typeof TOPICS)[number]

/**
 * What customers ask and what the shop knows, in one language. Slots in braces:
 * {order} {product} {amount} {day} {city} {name} {days} {email}.
 */
export type LanguagePack = {
  language: Language
  /** Frequent short words that tell this language from the other two. */
  stopWords: readonly string[]
  products: readonly string[]
  cities: readonly string[]
  names: readonly string[]
  weekdays: readonly string[]
  currency: (amount: string) => string
  systemPrompt: string
  openings: readonly string[]
  closings: readonly string[]
  /** What the model says before it calls a tool. */
  preambles: readonly string[]
  refusal: string
  questions: Record<Topic, readonly string[]>
  /** Sentences of the knowledge base. */
  facts: Record<Topic, readonly string[]>
}
