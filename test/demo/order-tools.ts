import { packOf } from '../simulator/content/packs.ts'
import { randomStream } from '../simulator/random.ts'
import type { Language } from '../simulator/content/language-pack.ts'
import type { ToolDefinition } from '../simulator/wire.ts'
import type { KnowledgeBase } from './knowledge-base.ts'

export const TOOLS: ToolDefinition[] = [
  {
    type: 'function',
    function: {
      name: 'lookup_order',
      description: 'Looks up the state, carrier and expected day of delivery of one order.',
      parameters: {
        type: 'object',
        properties: { order_id: { type: 'string', description: 'Order number such as SL-12345' } },
        required: ['order_id'],
        additionalProperties: false,
      },
    },
  },
  {
    type: 'function',
    function: {
      name: 'search_kb',
      description: 'Searches the shop handbook and returns the titles of the best articles.',
      parameters: {
        type: 'object',
        properties: { query: { type: 'string', description: 'A few words in the language used' } },
        required: ['query'],
        additionalProperties: false,
      },
    },
  },
]

export type ToolName = 'lookup_order' | 'search_kb'

export const TOOL_FAILURE_MESSAGE = 'the order system did not answer within 5 s'

export class ToolUnavailableError extends Error {
  override name = 'ToolUnavailableError'

  constructor() {
    super(TOOL_FAILURE_MESSAGE)
  }
}

/** The shop's back end: the same order number always gives the same order. */
export function runTool(
  name: ToolName,
  args: Record<string, unknown>,
  { language, knowledgeBase }: { language: Language; knowledgeBase: KnowledgeBase },
): Record<string, unknown> {
  if (name === 'search_kb') {
    const query = textArgument(args, 'query')
    return { articles: knowledgeBase.search(query, language, 3).map(({ id }) => id) }
  }
  return lookUpOrder(textArgument(args, 'order_id'), language)
}

export function toToolName(name: string): ToolName {
  if (name === 'lookup_order' || name === 'search_kb') return name
  throw new Error(`the model asked for the tool "${name}", which this application does not have`)
}

function textArgument(args: Record<string, unknown>, name: string): string {
  const value = args[name]
  return typeof value === 'string' ? value : ''
}

const SUMMARIES: Record<Language, (order: string, city: string, day: string) => string> = {
  en: (order, city, day) => `Order ${order} has left the depot in ${city} and is due on ${day}.`,
  de: (order, city, day) => `Bestellung ${order} hat das Depot in ${city} verlassen: ${day}.`,
  es: (order, city, day) => `El pedido ${order} ya salió de ${city} y llegará el ${day}.`,
}

function lookUpOrder(orderId: string, language: Language): Record<string, unknown> {
  const random = randomStream(7, `order.${orderId}`)
  const pack = packOf(language)
  const city = random.pick(pack.cities)
  const day = random.pick(pack.weekdays)
  return {
    order_id: orderId,
    status: random.pick(['packed', 'in_transit', 'delivered', 'returned']),
    carrier: random.pick(['Nordpost', 'Rapid', 'Correo Azul']),
    items: 1 + random.integer(3),
    total: Number((10 + 240 * random.uniform()).toFixed(2)),
    summary: SUMMARIES[language](orderId, city, day),
  }
}
