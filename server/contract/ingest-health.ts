import * as z from 'zod/mini'
import { EpochMs } from './primitives.ts'

/** Which sender: as in the ledger. */
const SenderSource = z.object({
  dialect: z.string(),
  sdk: z.nullable(z.string()),
  sdkVersion: z.nullable(z.string()),
  service: z.nullable(z.string()),
})

/** One sender of the last day; rates are of the last `windowMs`. */
export const HealthSource = z.object({
  source: SenderSource,
  lastSeenAt: EpochMs,
  /** How long it has been silent, where that is far longer than it used to be; else null. */
  silentForMs: z.nullable(z.number()),
  spansPerSecond: z.number(),
  received: z.number(),
  rejected: z.number(),
  dropped: z.number(),
  unmapped: z.number(),
})
export type HealthSource = z.infer<typeof HealthSource>

/** `limit` null: bounded by no cap of ours. `folded`: values beyond it stand in `__other__`. */
export const HealthCardinality = z.object({
  field: z.string(),
  values: z.number(),
  limit: z.nullable(z.number()),
  folded: z.boolean(),
})
export type HealthCardinality = z.infer<typeof HealthCardinality>

export const RejectSample = z.object({
  at: EpochMs,
  reason: z.string(),
  traceId: z.nullable(z.string()),
  spanId: z.nullable(z.string()),
  detail: z.nullable(z.string()),
})
export type RejectSample = z.infer<typeof RejectSample>

/** Whether what the pages show can be trusted: answered by `GET /ingest/health`, pushed live. */
export const IngestHealth = z.object({
  at: EpochMs,
  /** Length of the span of time that rates are of, ms. */
  windowMs: z.number(),
  acceptedPerSecond: z.number(),
  rejectedPerSecond: z.number(),
  /** Records of the last hour by reason, largest first; `requests` are whole ones that were refused. */
  rejected: z.array(z.object({ reason: z.string(), records: z.number(), requests: z.number() })),
  /** Records that SDKs said they had dropped, last day. */
  dropped: z.number(),
  /** The last 60 minutes, for the lines in the tiles. */
  minutes: z.array(
    z.object({
      minute: EpochMs,
      received: z.number(),
      rejected: z.number(),
      dropped: z.number(),
    }),
  ),
  /** received - end, 95th percentile of the last minutes; null without spans. */
  lagP95Ms: z.nullable(z.number()),
  bytesInFlight: z.number(),
  bytesLimit: z.number(),
  queuedSpans: z.number(),
  /** null: the database runs elsewhere, so that the disk's size is not known. */
  disk: z.object({
    databaseBytes: z.number(),
    freeBytes: z.nullable(z.number()),
    /** Days until the disk is full at the pace of the last day; null when not known or not filling. */
    daysLeft: z.nullable(z.number()),
  }),
  sources: z.array(HealthSource),
  /** Share of the last hour's model calls (or spans) that carry the field. */
  coverage: z.array(z.object({ field: z.string(), share: z.number(), n: z.number() })),
  rejectSamples: z.array(RejectSample),
  /** Senders whose clock is ahead of or behind ours by more than a second. */
  clockSkew: z.array(
    z.object({ service: z.nullable(z.string()), skewMs: z.number(), n: z.number() }),
  ),
  cardinality: z.array(HealthCardinality),
  canary: z.object({
    status: z.enum(['ok', 'waiting', 'missing', 'off']),
    lastSeenAt: z.nullable(EpochMs),
    /** In a row. */
    missed: z.number(),
  }),
})
export type IngestHealth = z.infer<typeof IngestHealth>
