import type { Sql } from '../db/client.ts'
import type { Bus, BusEvents } from '../live/bus.ts'
import { startIntervalTask } from '../platform/interval-task.ts'
import type { Log } from '../platform/log.ts'
import { findStoredReleases } from './find-stored.ts'
import { saveSeen, type SeenRelease } from './save-seen.ts'

const RETRY_EVERY_MS = 5_000
const MAX_KNOWN = 20_000

/**
 * Notes each new version of a service by what was stored. Away from ingest: a version not known
 * yet, or an earlier span of one, is saved at once, everything else costs a look-up in memory.
 */
export function startReleaseWatch(parts: { sql: Sql; bus: Bus; log: Log }): AsyncDisposable {
  const { sql, bus, log } = parts
  const news = new ReleaseNews()
  let isSaveDue = false
  const saveTask = startIntervalTask(
    { name: 'save-releases', intervalMs: RETRY_EVERY_MS, log },
    async () => {
      isSaveDue = false
      await news.save(sql)
    },
  )
  let isStoredFound = false
  const findTask = startIntervalTask(
    { name: 'find-stored-releases', intervalMs: RETRY_EVERY_MS, log },
    async (signal) => {
      if (isStoredFound) return
      await findStoredReleases(sql, signal)
      isStoredFound = !signal.aborted
    },
  )
  const unsubscribe = bus.subscribe('spans-stored', (stored) => {
    if (!news.add(stored) || isSaveDue) return
    isSaveDue = true
    // A failure is logged, and tried again by the next run.
    void saveTask.runNow()
  })
  return {
    async [Symbol.asyncDispose]() {
      unsubscribe()
      await findTask[Symbol.asyncDispose]()
      await saveTask[Symbol.asyncDispose]()
      await news.save(sql).catch((error: unknown) => log.warn({ error }, 'releases not saved'))
    },
  }
}

/** What is not saved yet, and since when each version is known. */
class ReleaseNews {
  readonly #sinceByKey = new Map<string, number>()
  #unsaved = new Map<string, SeenRelease>()

  /** True where there is something to save. */
  add({ projectId, spans }: BusEvents['spans-stored']): boolean {
    let isNews = false
    for (const { service, environment, release, startUs, quarantined } of spans) {
      if (release === null || quarantined) continue
      const key = JSON.stringify([projectId, release, service, environment])
      const since = this.#sinceByKey.get(key)
      if (since !== undefined && since <= startUs) continue
      if (this.#sinceByKey.size >= MAX_KNOWN) this.#sinceByKey.clear()
      this.#sinceByKey.set(key, startUs)
      this.#unsaved.set(key, {
        projectId,
        release,
        service: service ?? '',
        environment: environment ?? '',
        at: startUs / 1_000,
      })
      isNews = true
    }
    return isNews
  }

  async save(sql: Sql): Promise<void> {
    const taken = this.#unsaved
    this.#unsaved = new Map()
    try {
      await saveSeen(sql, [...taken.values()])
    } catch (error) {
      this.#unsaved = new Map([...taken, ...this.#unsaved])
      throw error
    }
  }
}
