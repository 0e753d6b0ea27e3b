import * as z from 'zod/mini'
import { MetricScope } from './explain.ts'
import { AnyMetricName, GroupField } from './metric.ts'
import { EpochMs } from './primitives.ts'

export const AlertSeverity = z.enum(['critical', 'warning', 'info'])
export type AlertSeverity = z.infer<typeof AlertSeverity>
export const CompareOp = z.enum(['gt', 'gte', 'lt', 'lte'])
export type CompareOp = z.infer<typeof CompareOp>

const wholeMinutes = (min: number, max: number) =>
  z.number().check(z.int(), z.gte(min), z.lte(max), z.multipleOf(60_000))
const DAY_MS = 86_400_000

/** Condition of kind `threshold`; thresholds are in the metric's unit. */
export const ThresholdCondition = z.object({
  kind: z.literal('threshold'),
  metric: AnyMetricName,
  /** `call` where it is left out. */
  scope: z.optional(MetricScope),
  op: CompareOp,
  critical: z.optional(z.number()),
  warn: z.optional(z.number()),
  recover: z.optional(z.number()),
  filter: z._default(z.array(z.string()).check(z.maxLength(20)), []),
  groupBy: z._default(z.array(GroupField).check(z.maxLength(3)), []),
  windowMs: z._default(wholeMinutes(60_000, 7 * DAY_MS), 300_000),
  stepMs: z._default(
    z.union([z.literal(60_000), z.literal(300_000), z.literal(900_000), z.literal(3_600_000)]),
    60_000,
  ),
  delayMs: z._default(
    z.union([z.literal('auto'), z.number().check(z.int(), z.gte(0), z.lte(900_000))]),
    'auto',
  ),
  minSamples: z._default(z.number().check(z.int(), z.gte(0)), 20),
})
export type ThresholdCondition = z.infer<typeof ThresholdCondition>

/** What a user writes. Cross-field rules (thresholds on the right side, E ≤ W) are in alerts/. */
export const RuleInput = z.object({
  name: z.string().check(z.minLength(1), z.maxLength(200)),
  enabled: z._default(z.boolean(), true),
  severity: z._default(AlertSeverity, 'critical'),
  condition: ThresholdCondition,
  forMs: z._default(z.number().check(z.int(), z.gte(0), z.lte(DAY_MS)), 0),
  keepFiringMs: z._default(z.number().check(z.int(), z.gte(0), z.lte(DAY_MS)), 0),
  onNoData: z._default(z.enum(['hold', 'alert', 'ok']), 'hold'),
  onError: z._default(z.enum(['hold', 'alert']), 'hold'),
  channels: z._default(z.array(z.string()).check(z.maxLength(20)), []),
  runbook: z.optional(z.string().check(z.maxLength(2_000))),
})
export type RuleInput = z.infer<typeof RuleInput>

export const RuleGroupState = z.object({
  group: z.record(z.string(), z.nullable(z.string())),
  state: z.enum(['ok', 'pending', 'firing', 'recovering']),
  health: z.enum(['fresh', 'insufficient', 'nodata', 'error', 'stale', 'clock']),
  value: z.nullable(z.number()),
  n: z.number(),
  since: z.nullable(EpochMs),
  lastTick: z.nullable(EpochMs),
})
export type RuleGroupState = z.infer<typeof RuleGroupState>

export const Rule = z.extend(RuleInput, {
  id: z.string(),
  version: z.number(),
  createdAt: EpochMs,
  state: z.object({ groups: z.array(RuleGroupState) }),
})
export type Rule = z.infer<typeof Rule>
export const RuleList = z.object({ items: z.array(Rule), nextCursor: z.nullable(z.string()) })
export type RuleList = z.infer<typeof RuleList>

export const Incident = z.object({
  id: z.string(),
  ruleId: z.string(),
  ruleName: z.string(),
  group: z.record(z.string(), z.nullable(z.string())),
  severity: AlertSeverity,
  state: z.enum(['firing', 'recovering', 'resolved']),
  startAt: EpochMs,
  endAt: z.nullable(EpochMs),
  value: z.nullable(z.number()),
  peak: z.nullable(z.number()),
  unit: z.string(),
  threshold: z.number(),
  reason: z.string(),
  ackBy: z.nullable(z.string()),
  exemplars: z.array(z.object({ traceId: z.string(), value: z.number() })),
  slices: z.array(
    z.object({ key: z.string(), value: z.string(), share: z.number(), lift: z.number() }),
  ),
  timeline: z.array(z.object({ at: EpochMs, event: z.string(), detail: z.string() })),
})
export type Incident = z.infer<typeof Incident>
export const IncidentList = z.object({
  items: z.array(Incident),
  nextCursor: z.nullable(z.string()),
})
export type IncidentList = z.infer<typeof IncidentList>

export const ChannelInput = z.object({
  name: z.string().check(z.minLength(1), z.maxLength(200)),
  kind: z.literal('webhook'),
  config: z.object({
    url: z.string().check(z.maxLength(2_000)),
    /** `whsec_<base64>`; made by the server where it is left out, shown once. */
    secret: z.optional(z.string().check(z.regex(/^whsec_[A-Za-z0-9+/]{32,}={0,2}$/))),
  }),
})
export type ChannelInput = z.infer<typeof ChannelInput>

export const Channel = z.object({
  id: z.string(),
  name: z.string(),
  kind: z.literal('webhook'),
  config: z.object({ url: z.string(), secret: z.optional(z.string()) }),
  status: z.object({ failingSince: z.nullable(EpochMs), lastSuccessAt: z.nullable(EpochMs) }),
})
export type Channel = z.infer<typeof Channel>
export const ChannelList = z.object({
  items: z.array(Channel),
  nextCursor: z.nullable(z.string()),
})
export type ChannelList = z.infer<typeof ChannelList>
