import { parseJsonText } from './attribute-text.ts'
import type { StoredRecord } from './log-span-events.ts'
import type { LogRecord } from './messages/log-messages.ts'

/** As the store gives them: `data` is the inflated chunk that holds the record at `index`. */
export type StoredLog = Omit<LogRecord, keyof StoredRecord> & { data: Buffer; index: number }

/** The records out of their chunks, in the order given. */
export function readLogRecords(logs: readonly StoredLog[]): LogRecord[] {
  const chunks = new Map<Buffer, unknown>()
  return logs.flatMap(({ data, index, at, observedAt, receivedAt }) => {
    let chunk = chunks.get(data)
    if (chunk === undefined) {
      chunk = parseJsonText(data.toString('utf8')) ?? null
      chunks.set(data, chunk)
    }
    const record: unknown = Array.isArray(chunk) ? chunk[index] : undefined
    return isStoredRecord(record) ? [{ ...record, at, observedAt, receivedAt }] : []
  })
}

function isStoredRecord(value: unknown): value is StoredRecord {
  return typeof value === 'object' && value !== null && 'event' in value && 'attributes' in value
}
