import type { Sql } from '../../../server/db/client.ts'
import { randomStream } from '../../simulator/random.ts'
import { encodeTraces, type SpanInput } from '../otlp-encode.ts'
import { postTraces } from '../span-load.ts'
import { drawTrace } from './story-trace.ts'

/** Where the clock stands when the pictures are taken. */
export const STORY_NOW = Date.UTC(2026, 10, 22, 14, 50, 24)
const MINUTE_MS = 60_000
const RELEASED_AT = Date.UTC(2026, 10, 22, 14, 32)
const SLOW_FROM = Date.UTC(2026, 10, 22, 14, 37)
const GAP = { from: Date.UTC(2026, 10, 22, 14, 7), to: Date.UTC(2026, 10, 22, 14, 9) }
const NEW_RELEASE = '2026.11.22-3'
const OLD_RELEASE = '2026.11.22-2'
const DAY_BEFORE_MS = 26 * 60 * MINUTE_MS
const RECENT_MS = 150 * MINUTE_MS
const TRACES_A_MINUTE = { before: 3, recent: 30 }
const BATCH_SPANS = 2_000

/** The server's time stands still at STORY_NOW from here on. */
export async function freezeClock(sql: Sql): Promise<void> {
  await sql.unsafe(`create or replace function sightline_now(base timestamptz default clock_timestamp())
    returns timestamptz language sql stable as $$ select '${new Date(STORY_NOW).toISOString()}'::timestamptz $$`)
}

/**
 * An invented company's last day: steady traffic of four services, a collector that was away for two
 * minutes, a release, and a knowledge base that has been slow since five minutes after it. No minute
 * of the past is noted as one in which a collector ran: all of it would then count as very late.
 */
export async function writeStory(url: string): Promise<void> {
  const random = randomStream(7, 'story')
  let batch: SpanInput[] = []
  let batchKey = ''
  const flush = async (): Promise<void> => {
    if (batch.length === 0) return
    const [service = '', release = ''] = batchKey.split(' ')
    const resource = {
      'service.name': service,
      'service.version': release,
      'deployment.environment.name': 'production',
    }
    const answer = await postTraces(
      url,
      encodeTraces({ resource, scope: { name: 'sightline' }, spans: batch }),
    )
    if (answer.status !== 200) throw new Error(`the story was refused: ${answer.body.toString()}`)
    batch = []
  }
  const bySender = new Map<string, SpanInput[]>()
  for (let minute = STORY_NOW - DAY_BEFORE_MS; minute < STORY_NOW; minute += MINUTE_MS) {
    const rate = minute < STORY_NOW - RECENT_MS ? TRACES_A_MINUTE.before : TRACES_A_MINUTE.recent
    for (let count = random.poisson(rate); count > 0; count -= 1) {
      const at = Math.floor(minute + random.uniform() * MINUTE_MS)
      const { service, spans } = drawTrace(random, { at, isIncident: at >= SLOW_FROM })
      const last = Math.max(...spans.map((span) => span.endMs))
      if (last > STORY_NOW || (last >= GAP.from && at < GAP.to)) continue
      const key = `${service} ${at >= RELEASED_AT ? NEW_RELEASE : OLD_RELEASE}`
      bySender.set(key, [...(bySender.get(key) ?? []), ...spans])
    }
    for (const [key, spans] of bySender) {
      if (spans.length < BATCH_SPANS && minute + MINUTE_MS < STORY_NOW) continue
      batch = spans
      batchKey = key
      bySender.delete(key)
      await flush()
    }
  }
}
