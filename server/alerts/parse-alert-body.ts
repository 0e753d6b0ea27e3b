import * as z from 'zod/mini'
import { RuleInput } from '../contract/index.ts'
import { BadRequestError, InvalidValueError } from '../platform/errors.ts'
import { defaultMinSamples, findRuleFault } from './condition.ts'
import { parseRuleFilter } from './metric-source.ts'

/** What a field takes, for fields whose limits a user cannot guess. */
const EXPECTED: Readonly<Record<string, string>> = {
  name: 'text of 1 to 200 characters',
  severity: 'critical, warning or info',
  'condition.kind': "'threshold', the only kind so far",
  'condition.scope': 'call or trace',
  'condition.op': 'gt, gte, lt or lte',
  'condition.critical': "a finite number in the metric's unit, for example 4000",
  'condition.warn': "a finite number in the metric's unit, for example 3000",
  'condition.recover': "a finite number in the metric's unit, for example 2500",
  'condition.windowMs': 'whole minutes from 60000 to 604800000, for example 300000',
  'condition.stepMs': '60000, 300000, 900000 or 3600000',
  'condition.delayMs': "'auto' or 0 to 900000",
  'condition.minSamples': 'a whole number from 0',
  forMs: 'whole milliseconds from 0 to 86400000, for example 120000',
  keepFiringMs: 'whole milliseconds from 0 to 86400000, for example 120000',
  onNoData: 'hold, alert or ok',
  onError: 'hold or alert',
  channels: 'a list of up to 20 channel ids',
  kind: "'webhook', the only kind so far",
  'config.url': 'an https URL',
  'config.secret': "'whsec_' and at least 24 bytes of base64, or nothing to have one made",
}

/** A JSON body by its schema: 400 where there is none, 422 naming the first field that is refused. */
export function parseAlertBody<T>(schema: z.ZodMiniType<T>, body: unknown): T {
  if (body === undefined || body === null) {
    throw new BadRequestError('send a JSON body with content-type application/json')
  }
  const parsed = z.safeParse(schema, body)
  if (parsed.success) return parsed.data
  const issue = parsed.error.issues[0]
  const path = issue?.path ?? []
  const field = path.join('.')
  const expected = EXPECTED[field] ?? EXPECTED[path.slice(0, -1).join('.')] ?? issue?.message
  throw new InvalidValueError(
    `${field === '' ? 'the body' : field} is ${clip(valueAt(body, path))}, it must be ${expected}`,
    field === '' ? 'body' : field,
  )
}

/** A whole rule: each field by the contract, then the fields against each other. */
export function parseRule(body: unknown): RuleInput {
  const rule = parseAlertBody(RuleInput, body)
  const { condition } = rule
  parseRuleFilter(condition.filter)
  const fault = findRuleFault(rule)
  if (fault !== undefined) throw new InvalidValueError(fault.message, fault.field)
  if (valueAt(body, ['condition', 'minSamples']) !== undefined) return rule
  const minSamples = defaultMinSamples(condition.metric)
  return { ...rule, condition: { ...condition, minSamples } }
}

function valueAt(body: unknown, path: readonly PropertyKey[]): unknown {
  let value = body
  for (const name of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined
    value = (value as Record<PropertyKey, unknown>)[name]
  }
  return value
}

function clip(value: unknown): string {
  if (typeof value === 'number') return String(value)
  const text = JSON.stringify(value) ?? 'missing'
  return text.length > 100 ? `${text.slice(0, 100)}…` : text
}
