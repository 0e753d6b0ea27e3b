import * as z from 'zod/mini'
import { EpochMs } from './primitives.ts'

/** Who sent something, as far as it says; beyond 300 a project and day `__other__`. */
const LedgerSource = z.object({
  dialect: z.nullable(z.string()),
  sdk: z.nullable(z.string()),
  sdkVersion: z.nullable(z.string()),
  service: z.nullable(z.string()),
})

const byReason = z.record(z.string(), z.number())

/**
 * Spans (for logs and metrics: records). `receivedSpans` = `storedSpans` + `duplicateSpans` + the sum
 * of `rejectedSpans`, at any quiet moment; conflicts are among the duplicates. `refusedRequests` are
 * whole requests whose content was not read.
 */
const counts = {
  receivedSpans: z.number(),
  storedSpans: z.number(),
  duplicateSpans: z.number(),
  conflictSpans: z.number(),
  rejectedSpans: byReason,
  sdkDroppedSpans: z.number(),
  unmappedSpans: z.number(),
  refusedRequests: byReason,
}
export const LedgerTotals = z.object(counts)
export type LedgerTotals = z.infer<typeof LedgerTotals>

export const LedgerItem = z.object({
  minute: EpochMs,
  source: LedgerSource,
  signal: z.enum(['traces', 'logs', 'metrics']),
  ...counts,
})
export type LedgerItem = z.infer<typeof LedgerItem>

/** `totals` leave out the canary, whose items are in every project's list. */
export const Ledger = z.object({
  totals: LedgerTotals,
  bySignal: z.object({ traces: LedgerTotals, logs: LedgerTotals, metrics: LedgerTotals }),
  items: z.array(LedgerItem),
  /** Items beyond the 10,000 newest are left out of the list, never of the totals. */
  isComplete: z.boolean(),
})
export type Ledger = z.infer<typeof Ledger>

export const LedgerWhere = z.object({
  state: z.enum(['stored', 'rejected', 'duplicate', 'sampled_out', 'unknown']),
  project: z.nullable(z.string()),
  receivedAt: z.nullable(EpochMs),
  reason: z.nullable(z.string()),
  source: z.nullable(LedgerSource),
})
export type LedgerWhere = z.infer<typeof LedgerWhere>
