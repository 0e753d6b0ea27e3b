import type { HealthSource } from '@sightline/server/contract'
import { expect, test } from 'vitest'
import { mergeSources } from './merge-sources.ts'

function sourceOf(dialect: string, change: Partial<HealthSource> = {}): HealthSource {
  return {
    source: { dialect, sdk: 'opentelemetry', sdkVersion: '2.0.0', service: 'chat-api' },
    lastSeenAt: 10,
    silentForMs: null,
    spansPerSecond: 1,
    received: 5,
    rejected: 0,
    dropped: 0,
    unmapped: 0,
    ...change,
  }
}

test('the dialects of one program are one row, with what it dropped', () => {
  const rows = mergeSources([
    sourceOf('gen-ai'),
    sourceOf('otel', { received: 2, unmapped: 2, lastSeenAt: 20 }),
    sourceOf('', { received: 0, dropped: 7, spansPerSecond: 0 }),
  ])

  expect(rows).toHaveLength(1)
  expect(rows[0]).toMatchObject({
    dialects: ['gen-ai', 'otel'],
    received: 7,
    dropped: 7,
    unmapped: 2,
    lastSeenAt: 20,
  })
})

test('a program is silent only when all it speaks is silent', () => {
  const silent = { silentForMs: 400_000 }

  expect(mergeSources([sourceOf('gen-ai', silent), sourceOf('otel')])[0]?.silentForMs).toBeNull()
  expect(
    mergeSources([sourceOf('gen-ai', silent), sourceOf('otel', { silentForMs: 300_000 })])[0]
      ?.silentForMs,
  ).toBe(300_000)
})

test('another version of the SDK is another row', () => {
  const newer = sourceOf('gen-ai')

  expect(
    mergeSources([
      sourceOf('gen-ai'),
      { ...newer, source: { ...newer.source, sdkVersion: '2.1.0' } },
    ]),
  ).toHaveLength(2)
})
