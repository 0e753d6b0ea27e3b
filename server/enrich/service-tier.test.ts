import { expect, it } from 'vitest'
import { serviceTierNote } from './service-tier.ts'

const attributes = (sent: Record<string, unknown>) =>
  Object.entries(sent).map(([key, value]) => ({ key, value }))

it.each([
  { 'openai.response.service_tier': 'default', 'openai.request.service_tier': 'auto' },
  { 'anthropic.response.service_tier': 'standard' },
  { 'openai.request.service_tier': 'flex', 'openai.response.service_tier': 'default' },
  { 'openai.response.service_tier': '' },
  {},
])('says nothing of %j', (sent) => {
  expect(serviceTierNote(attributes(sent))).toBeNull()
})

it.each([
  [{ 'openai.response.service_tier': 'flex' }, 'flex'],
  [{ 'gen_ai.openai.response.service_tier': 'priority' }, 'priority'],
  [{ 'openai.request.service_tier': 'Flex' }, 'flex'],
  [{ 'anthropic.response.service_tier': 'batch' }, 'batch'],
])('tells that the cost of %j is that of the standard tier', (sent, tier) => {
  expect(serviceTierNote(attributes(sent))).toBe(
    `service tier '${tier}': the cost is that of the standard tier`,
  )
})
