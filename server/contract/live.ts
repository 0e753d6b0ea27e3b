import * as z from 'zod/mini'
import { Incident, RuleGroupState } from './alert.ts'
import { MetricScope } from './explain.ts'
import { IngestHealth } from './ingest-health.ts'
import { AnyMetricName, GroupField, MetricSeries, type MetricResult } from './metric.ts'
import { EpochMs } from './primitives.ts'
import { TraceSummary } from './trace.ts'

/** socket.io namespace on path `/socket.io`, websocket transport only. */
export const LIVE_NAMESPACE = '/live'

const Id = z.string().check(z.minLength(1), z.maxLength(64))
const Project = z.optional(z.string().check(z.minLength(1), z.maxLength(64)))
const Filters = z.optional(z.array(z.string().check(z.maxLength(500))).check(z.maxLength(20)))

export const LiveMetricEntry = z.object({
  metric: AnyMetricName,
  step: z.union([z.string().check(z.maxLength(16)), z.number()]),
  groupBy: z.optional(z.array(GroupField).check(z.maxLength(3))),
  f: Filters,
  scope: z.optional(MetricScope),
})
export type LiveMetricEntry = z.infer<typeof LiveMetricEntry>

export const Subscribe = z.object({
  id: Id,
  metrics: z.array(LiveMetricEntry).check(z.minLength(1), z.maxLength(30)),
  from: z.union([EpochMs, z.string().check(z.maxLength(40))]),
  project: Project,
})
export type Subscribe = z.infer<typeof Subscribe>

export const SubscribeTraces = z.object({
  id: Id,
  f: Filters,
  /** This trace alone: its news is never left out for the sake of others. */
  traceId: z.optional(z.string().check(z.regex(/^[0-9a-f]{32}$/))),
  project: Project,
})
export type SubscribeTraces = z.infer<typeof SubscribeTraces>
export const SubscribeAlerts = z.object({ id: Id, project: Project })
export type SubscribeAlerts = z.infer<typeof SubscribeAlerts>
export const SubscribeFirstSpan = z.object({ id: Id, project: Project })
export type SubscribeFirstSpan = z.infer<typeof SubscribeFirstSpan>
export const SubscribeHealth = z.object({ id: Id, project: Project })
export type SubscribeHealth = z.infer<typeof SubscribeHealth>
export const Unsubscribe = z.object({ id: Id })
export type Unsubscribe = z.infer<typeof Unsubscribe>

export type SubscribeAck =
  | { ok: true; seq: number; snapshot: MetricResult[] }
  | { ok: false; error: string }
export type PlainAck = { ok: true } | { ok: false; error: string }

/** Event `update`: at most once a second; points replace those with the same `t`. */
export const LiveUpdate = z.object({
  id: z.string(),
  seq: z.number(),
  storedThrough: EpochMs,
  /** `entry` = index into the `metrics` of the subscription. */
  series: z.array(z.extend(MetricSeries, { metric: AnyMetricName, entry: z.number() })),
  up: z.array(z.tuple([EpochMs, EpochMs])),
})
export type LiveUpdate = z.infer<typeof LiveUpdate>

export const LiveTrace = z.object({
  id: z.string(),
  items: z.array(TraceSummary),
  /** Share of the traces that was sent, 1 = all. */
  sampled: z.number(),
})
export type LiveTrace = z.infer<typeof LiveTrace>

export const LiveAlert = z.object({
  id: z.string(),
  incident: z.optional(Incident),
  /** A message to this channel was tried: its status may have changed. */
  channelId: z.optional(z.string()),
  ruleState: z.optional(z.object({ ruleId: z.string(), groups: z.array(RuleGroupState) })),
})
export type LiveAlert = z.infer<typeof LiveAlert>

export const LiveFirstSpan = z.object({
  id: z.string(),
  traceId: z.string(),
  spanId: z.string(),
  service: z.nullable(z.string()),
  at: EpochMs,
})
export type LiveFirstSpan = z.infer<typeof LiveFirstSpan>

/** Event `health`: what `GET /ingest/health` would answer now, at most once a second. */
export const LiveHealth = z.object({ id: z.string(), health: IngestHealth })
export type LiveHealth = z.infer<typeof LiveHealth>

/** Event `closed`: the subscription can no longer be answered and is over. */
export const LiveClosed = z.object({ id: z.string(), error: z.string() })
export type LiveClosed = z.infer<typeof LiveClosed>
