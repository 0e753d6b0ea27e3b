/**
 * What the provider does with one request. `break` cuts the connection in the middle of the answer,
 * `timeout` never answers, `slow` answers ten times slower, `error-event` reports an error inside the
 * stream after a 200, `429-once`, `500-once` and `529-once` fail the first of equal requests only.
 * `529` and `pause-turn` are Anthropic's, `response-failed` is a response of OpenAI's that fails inside a 200.
 */
export const BEHAVIOURS = [
  'ok',
  '429',
  '500',
  'break',
  'timeout',
  'slow',
  'error-event',
  'length',
  'refusal',
  'content-filter',
  'text',
  'tool',
  'parallel-tools',
  '429-once',
  '500-once',
  '529',
  '529-once',
  'pause-turn',
  'response-failed',
] as const

export type Behaviour = (typeof BEHAVIOURS)[number]

/** Shares of requests that go wrong. */
export type FailureRates = {
  rateLimited: number
  serverError: number
  broken: number
  timeout: number
}

export const USUAL_FAILURES: FailureRates = {
  rateLimited: 0.008,
  serverError: 0.004,
  broken: 0.003,
  timeout: 0.002,
}

export const NO_FAILURES: FailureRates = {
  rateLimited: 0,
  serverError: 0,
  broken: 0,
  timeout: 0,
}

/** Maps one uniform draw to a behaviour. */
export function drawBehaviour(draw: number, rates: FailureRates): Behaviour {
  const shares: [Behaviour, number][] = [
    ['429', rates.rateLimited],
    ['500', rates.serverError],
    ['break', rates.broken],
    ['timeout', rates.timeout],
  ]
  let below = 0
  for (const [behaviour, share] of shares) {
    below += share
    if (draw < below) return behaviour
  }
  return 'ok'
}

/** The behaviour that a header value or a model name such as `sim-429` asks for. */
export function parseBehaviour(text: string | undefined): Behaviour | undefined {
  const name = text?.startsWith('sim-') ? text.slice('sim-'.length) : text
  return BEHAVIOURS.find((behaviour) => behaviour === name)
}
