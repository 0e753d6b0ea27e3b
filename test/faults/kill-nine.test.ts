import { expect, test } from 'vitest'
import { runKillRounds } from './kill-rounds.ts'

test('after kill -9 of server, database and bootstrap under load every acknowledged span is stored once', async () => {
  const report = await runKillRounds(['server', 'database', 'bootstrap'], 1_500)

  expect(report.acknowledged).toBeGreaterThan(0)
  expect(report).toMatchObject({ lost: 0, doubled: 0, databaseProcesses: 1 })
  expect(report.rollup).toEqual(report.recount)
  const { received, stored, duplicate, rejected } = report.ledger
  expect(stored).toBe(report.recount.requests)
  expect(received).toBe(stored + duplicate + rejected)
  expect(
    Object.keys(report.statuses).filter((status) => !['200', '503', 'broken'].includes(status)),
  ).toEqual([])
}, 180_000)
