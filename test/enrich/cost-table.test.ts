import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it, test } from 'vitest'
import { priceRecord } from '../../server/enrich/cost.ts'
import { decodeTracesJson } from '../../server/ingest/decode-json.ts'
import { normaliseTraces } from '../../server/ingest/normalise.ts'
import type { SpanRecord } from '../../server/spans/span.ts'
import type { CostRow } from './cost-row.ts'
import { COST_TABLE } from './cost-table.ts'

type Value = string | number | boolean

function toAnyValue(value: Value): object {
  if (typeof value === 'string') return { stringValue: value }
  if (typeof value === 'boolean') return { boolValue: value }
  return Number.isInteger(value) ? { intValue: String(value) } : { doubleValue: value }
}

/** The row's span as one OTLP request. */
function bodyOf({ sent, at }: CostRow): Buffer {
  const startNs = BigInt(Date.parse(at)) * 1_000_000n
  const span = {
    traceId: 'a'.repeat(32),
    spanId: 'b'.repeat(16),
    name: 'chat',
    kind: 3,
    startTimeUnixNano: String(startNs),
    endTimeUnixNano: String(startNs + 1_000_000_000n),
    attributes: Object.entries(sent.attributes).map(([key, value]) => ({
      key,
      value: toAnyValue(value),
    })),
  }
  return Buffer.from(
    JSON.stringify({ resourceSpans: [{ scopeSpans: [{ scope: sent.scope, spans: [span] }] }] }),
  )
}

function pricedRecord(row: CostRow): SpanRecord {
  const nowUs = Date.parse(row.at) * 1_000
  const [record] = normaliseTraces(decodeTracesJson(bodyOf(row)), { nowUs }).records
  if (record === undefined) throw new Error(`${row.what}: the span was rejected`)
  priceRecord(record)
  return record
}

const ROWS = COST_TABLE.map((row): [string, CostRow] => [
  `${row.what}, ${row.at.slice(0, 10)}`,
  row,
])

describe('the amount of a call is what its provider publishes', () => {
  it.each(ROWS)('%s', (_name, row) => {
    const { costNanoUsd, costReason } = pricedRecord(row)

    expect({ costNanoUsd, costReason }).toEqual({
      costNanoUsd: row.nanoUsd,
      costReason: row.reason ?? null,
    })
  })
})

/** Decimal text as a whole number of 1e-9, exactly. */
function toNano(decimal: string): bigint {
  const [whole = '', fraction = ''] = decimal.split('.')
  expect(fraction.length).toBeLessThanOrEqual(9)
  return BigInt(whole + fraction.padEnd(9, '0'))
}

/** `12`, `(109 - 64 - 12)` or `(20 + 128)`. */
function countOf(text: string): bigint {
  const parts = text.replace(/^\((.*)\)$/, '$1').split(' ')
  let count = BigInt(parts[0] ?? '')
  for (let at = 1; at < parts.length; at += 2) {
    const next = BigInt(parts[at + 1] ?? '')
    count += parts[at] === '-' ? -next : next
  }
  return count
}

/** The sum in nano-micro-USD, and what the row says it is. */
function evaluate(arithmetic: string): { sum: bigint; total: bigint } {
  const [left = '', right = ''] = arithmetic.split(' = ')
  let sum = 0n
  for (const term of left.split(/ \+ (?![^(]*\))/)) {
    const [tokens = '', price = ''] = term.split(' × ')
    sum += countOf(tokens) * toNano(price)
  }
  return { sum, total: toNano(right.replace(/ µ\$$/, '')) }
}

describe('the arithmetic of a row', () => {
  const rows = COST_TABLE.flatMap((row) =>
    row.arithmetic === undefined
      ? []
      : [{ what: row.what, arithmetic: row.arithmetic, nanoUsd: row.nanoUsd }],
  )

  it.each(rows)('$what: $arithmetic', ({ arithmetic, nanoUsd }) => {
    const { sum, total } = evaluate(arithmetic)

    expect(sum).toBe(total)
    // 1e-9 micro-USD to nano-USD, half a nano-dollar up.
    expect(BigInt(nanoUsd)).toBe((total + 500_000n) / 1_000_000n)
  })

  it('would not pass with a typo', () => {
    const { sum, total } = evaluate('(109 - 64 - 12) × 3.00 + 64 × 0.30 = 118.3 µ$')

    expect(sum).not.toBe(total)
  })
})

test('the worked example is 448,200 nano-USD from every sender that can carry it', () => {
  const worked = COST_TABLE.filter(({ what }) => what.startsWith('worked example'))

  expect(worked.length).toBeGreaterThanOrEqual(11)
  for (const row of worked) expect([row.what, row.nanoUsd]).toEqual([row.what, 448_200])
})

test('the table has at least 120 rows, no two the same, and knows nothing of the product', () => {
  const folder = new URL('./', import.meta.url)
  const files = readdirSync(folder).filter((file) => !file.endsWith('.test.ts'))

  expect(COST_TABLE.length).toBeGreaterThanOrEqual(120)
  expect(new Set(COST_TABLE.map((row) => JSON.stringify(row))).size).toBe(COST_TABLE.length)
  for (const file of files) {
    const imports = [...readFileSync(new URL(file, folder), 'utf8').matchAll(/from '([^']+)'/g)]
    for (const [, from] of imports) expect(from).toMatch(/^\.\/[a-z-]+\.ts$/)
  }
})
