import OpenAI from 'openai'

export function setUp({ fetch }) {
  const nothing = async () => undefined
  return { openai: new OpenAI({ apiKey: 'k', fetch }), flush: nothing, shutdown: nothing }
}
