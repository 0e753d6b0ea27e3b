export const KEPT_METRICS = 'gen_ai.server.* and vllm:*'

/** Metrics of model servers; those of clients repeat what spans tell better. */
export function isKeptMetric(name: string): boolean {
  return name.startsWith('gen_ai.server.') || name.startsWith('vllm:')
}
