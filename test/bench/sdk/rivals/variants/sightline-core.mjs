import { flush, init, shutdown, wrap } from '@sightline/sdk/core'
import OpenAI from 'openai'

export function setUp({ endpoint, fetch }) {
  init({ endpoint, apiKey: 'k', service: 'bench' })
  return { openai: wrap(new OpenAI({ apiKey: 'k', fetch })), flush, shutdown }
}
