import type { IngestHealth } from '@sightline/server/contract'
import { countOf, countText, spanText } from '../../lib/format.ts'
import { mergeSources } from './merge-sources.ts'

export type Trouble = {
  tone: 'crit' | 'warn' | 'info'
  title: string
  /** What it means for what the other pages show, and what to do. */
  advice: string
}

const SLOW_LAG_MS = 60_000
const SHORT_DISK_DAYS = 7
/** A budget nearly used up: the next burst is answered 503. */
const FULL_SHARE = 0.8

/** What keeps the figures of the other pages from being trusted, worst first. */
export function troublesOf(health: IngestHealth): Trouble[] {
  return [
    ...canaryTroubles(health),
    ...lossTroubles(health),
    ...silentTroubles(health),
    ...roomTroubles(health),
  ].toSorted((a, b) => RANK[a.tone] - RANK[b.tone])
}

const RANK = { crit: 0, warn: 1, info: 2 } as const

function canaryTroubles({ canary }: IngestHealth): Trouble[] {
  if (canary.status !== 'missing') return []
  return [
    {
      tone: 'crit',
      title: `The last ${countOf(canary.missed, 'canary span')} did not come back`,
      advice:
        'The collector sends itself a span each minute and looks it up. Ingest or the database is failing: see the log, and the errors of /readyz.',
    },
  ]
}

function lossTroubles({ rejected, dropped, sources }: IngestHealth): Trouble[] {
  const troubles: Trouble[] = []
  const records = sum(rejected.map((one) => one.records))
  const requests = sum(rejected.map((one) => one.requests))
  if (records > 0 || requests > 0) {
    const parts = [
      ...(records > 0 ? [countOf(records, 'record')] : []),
      ...(requests > 0 ? [countOf(requests, 'whole request')] : []),
    ]
    troubles.push({
      tone: 'warn',
      title: `${parts.join(' and ')} refused in the last hour`,
      advice: 'They are in no figure of the other pages. The reasons, with what to do, are below.',
    })
  }
  if (dropped > 0) {
    troubles.push({
      tone: 'warn',
      title: `SDKs dropped ${countOf(dropped, 'span')} in the last day`,
      advice:
        'Their queue was full while the collector could not be reached. They were never sent, so no figure has them.',
    })
  }
  const unmapped = sum(sources.map((one) => one.unmapped))
  if (unmapped > 0) {
    troubles.push({
      tone: 'info',
      title: `${countText(unmapped)} spans of the last day speak no dialect of model calls`,
      advice:
        'They are stored and shown in their traces, and count as no model call: right for HTTP or database spans.',
    })
  }
  return troubles
}

function silentTroubles({ sources }: IngestHealth): Trouble[] {
  return mergeSources(sources).flatMap(({ service, silentForMs }) =>
    silentForMs === null
      ? []
      : [
          {
            tone: 'warn' as const,
            title: `${service ?? 'A sender without a service name'} silent for ${spanText(silentForMs)}`,
            advice:
              'It used to send more often. If it runs, look at its log for export errors and at its endpoint.',
          },
        ],
  )
}

function roomTroubles({ lagP95Ms, disk, bytesInFlight, bytesLimit }: IngestHealth): Trouble[] {
  const troubles: Trouble[] = []
  if (disk.daysLeft !== null && disk.daysLeft < SHORT_DISK_DAYS) {
    troubles.push({
      tone: disk.daysLeft < 1 ? 'crit' : 'warn',
      title: `The disk is full in ${countOf(Math.floor(disk.daysLeft), 'day')} at this pace`,
      advice:
        'Shorten SIGHTLINE_RETENTION_DAYS or give the database more room. A full disk is answered 503: senders then keep their spans for a while.',
    })
  }
  if (bytesInFlight > bytesLimit * FULL_SHARE) {
    troubles.push({
      tone: 'warn',
      title: 'Ingest is close to its limit',
      advice: 'Beyond it, requests are answered 503 with Retry-After and nothing of them is kept.',
    })
  }
  if (lagP95Ms !== null && lagP95Ms > SLOW_LAG_MS) {
    troubles.push({
      tone: 'info',
      title: `One span in twenty comes ${spanText(lagP95Ms)} or more after its end`,
      advice:
        'The newest minutes keep growing, and alert rules wait that long. Send smaller batches more often.',
    })
  }
  return troubles
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}
