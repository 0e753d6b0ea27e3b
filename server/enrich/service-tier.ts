/** Where a sender names the tier a call ran in; what was answered stands over what was asked for. */
const TIER_KEYS = [
  'openai.response.service_tier',
  'gen_ai.openai.response.service_tier',
  'anthropic.response.service_tier',
  'openai.request.service_tier',
  'gen_ai.openai.request.service_tier',
]

/** At the prices of the list. */
const STANDARD = new Set(['default', 'standard', 'standard_only', 'auto'])
const MAX_LENGTH = 40

/**
 * What to say of a priced call that ran in a tier with prices of its own (batch, flex, priority):
 * no list has them all, so its cost is that of the standard tier. null = nothing to say.
 */
export function serviceTierNote(
  attributes: Iterable<{ readonly key: string; readonly value: unknown }>,
): string | null {
  let tier: string | null = null
  let rank = TIER_KEYS.length
  for (const { key, value } of attributes) {
    const at = TIER_KEYS.indexOf(key)
    if (at < 0 || at >= rank || typeof value !== 'string' || value === '') continue
    tier = value.toLowerCase()
    rank = at
  }
  if (tier === null || STANDARD.has(tier)) return null
  return `service tier '${tier.slice(0, MAX_LENGTH)}': the cost is that of the standard tier`
}
