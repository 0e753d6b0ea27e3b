import { expect, test } from 'vitest'
import { DRIFT_SIGNALS, DriftResult, type DriftSignalName } from '../../server/contract/index.ts'
import type { DemoSummary } from '../demo/run-demo.ts'
import { startServerAt } from '../support/server-at.ts'
import { writeDemoHistory } from '../support/write-demo-history.ts'

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
/** The busiest half hour of the demo's day. */
const NOW = Date.UTC(2026, 2, 4, 15, 30)
const PATIENT_MS = 240_000

/**
 * 10 requests a minute instead of the demo's 20: half the writing, and at this hour still about 200
 * calls in ten minutes, so that windows are no wider than a minute or two more.
 */
test(
  'prompt-drift turns exactly input length, within ten minutes of its start',
  async () => {
    await using server = await startServerAt(NOW)
    const args = ['--backfill', '24.5h', '--event-at', '20m', '--rate', '10']
    const summary = await writeHistory(server.url, ['--scenario', 'prompt-drift', ...args])
    const [event] = summary.incidents
    expect(event).toMatchObject({ type: 'prompt-drift', expectedSignals: ['input_length'] })
    const startAt = event?.start ?? Number.NaN

    const looks: { minute: number; shifted: DriftSignalName[]; n: number[]; text: string }[] = []
    for (let minute = 0; minute <= 15; minute += 1) {
      const { signals } = await judgeAt(server.url, startAt + minute * MINUTE_MS)
      looks.push({
        minute,
        shifted: signals.filter(({ verdict }) => verdict === 'shifted').map(({ signal }) => signal),
        n: signals.map((signal) => signal.n),
        text: signals.find(({ signal }) => signal === 'input_length')?.effect.text ?? '',
      })
    }

    const firstShift = looks.findIndex(({ shifted }) => shifted.length > 0)
    expect(firstShift).toBeGreaterThan(0)
    expect(firstShift).toBeLessThanOrEqual(10)
    for (const { shifted } of looks.slice(firstShift)) expect(shifted).toEqual(['input_length'])
    expect(looks.every(({ n }) => n.every((count) => count >= 200))).toBe(true)
    expect(looks[10]?.text).toMatch(/^median 1,8\d\d → 4,\d{3} tokens$/)
  },
  PATIENT_MS,
)

/**
 * 24 h to compare with, then 24 h judged every eight minutes, the width of a strip's bucket over
 * four hours. 4 requests a minute: even in the quietest hour the window, widened to at most an
 * hour, reaches 200 calls.
 */
test(
  '24 h of steady traffic turn nothing',
  async () => {
    await using server = await startServerAt(NOW)
    await writeHistory(server.url, ['--scenario', 'steady', '--backfill', '48h', '--rate', '4'])

    const verdicts = {
      input_length: new Map<string, number>(),
      output_length: new Map<string, number>(),
    }
    for (let from = NOW - 24 * HOUR_MS; from < NOW; from += 4 * HOUR_MS) {
      const { signals } = await queryDrift(server.url, { from, to: from + 4 * HOUR_MS })
      for (const { signal, strip } of signals) {
        const counts = verdicts[signal]
        for (const { verdict } of strip) counts.set(verdict, (counts.get(verdict) ?? 0) + 1)
      }
    }

    expect(verdicts).toEqual({
      input_length: new Map([['stable', 180]]),
      output_length: new Map([['stable', 180]]),
    })
  },
  PATIENT_MS,
)

function writeHistory(url: string, args: readonly string[]): Promise<DemoSummary> {
  const offset = String(Math.round(NOW - Date.now()))
  return writeDemoHistory(url, ['--seed', '3', '--clock-offset', offset, ...args])
}

/** Judged at the end of the last whole minute before `at`. */
async function judgeAt(url: string, at: number): Promise<DriftResult> {
  const result = await queryDrift(url, { from: at - MINUTE_MS, to: at })
  expect(result.signals.map(({ signal }) => signal)).toEqual([...DRIFT_SIGNALS])
  return result
}

async function queryDrift(url: string, range: { from: number; to: number }): Promise<DriftResult> {
  const answer = await fetch(`${url}/api/v1/drift?from=${range.from}&to=${range.to}`)
  expect(answer.status).toBe(200)
  return DriftResult.parse(await answer.json())
}
