import { fnv1a, randomOf } from './random.ts'
import { countTokens } from './tokens.ts'

const DEFAULT_DIMENSIONS = 256
const MAX_DIMENSIONS = 3072

/** The answer to POST /v1/embeddings: seeded unit vectors, equal for equal texts. */
export function embeddingBody(
  body: Record<string, unknown>,
  seed: number,
): Record<string, unknown> | undefined {
  const { input, model } = body
  const texts = Array.isArray(input) ? input : [input]
  if (typeof model !== 'string' || !texts.every((text) => typeof text === 'string'))
    return undefined
  const wanted = typeof body['dimensions'] === 'number' ? body['dimensions'] : DEFAULT_DIMENSIONS
  const dimensions = Math.min(Math.max(1, Math.trunc(wanted)), MAX_DIMENSIONS)
  const promptTokens = texts.reduce((sum, text) => sum + countTokens(text), 0)
  return {
    object: 'list',
    data: texts.map((text, index) => {
      const vector = unitVector(fnv1a(text, seed >>> 0), dimensions)
      const isBase64 = body['encoding_format'] === 'base64'
      return { object: 'embedding', index, embedding: isBase64 ? base64Of(vector) : [...vector] }
    }),
    model,
    usage: { prompt_tokens: promptTokens, total_tokens: promptTokens },
  }
}

function unitVector(seed: number, dimensions: number): Float32Array {
  const random = randomOf(seed)
  const vector = Float32Array.from({ length: dimensions }, () => random.normal())
  const norm = Math.hypot(...vector)
  return vector.map((value) => value / norm)
}

function base64Of(vector: Float32Array): string {
  return Buffer.from(vector.buffer).toString('base64')
}
