import { useCallback, useEffect, useState } from 'react'
import { LiveUpdate, type LiveMetricEntry, type SubscribeAck } from '@sightline/server/contract'
import { rememberServerTime, serverNow } from '../lib/server-time.ts'
import { floorTo, subscribeFrom, type Window } from '../lib/window.ts'
import { fromSnapshot, mergeUpdate, type LiveMetrics } from './merge.ts'
import { liveSocket, nextSubscriptionId, onClosed, request, unsubscribe } from './socket.ts'
import { useConnection, usePageVisible } from './use-connection.ts'

export type LiveMetricsState = {
  metrics: LiveMetrics | null
  error: string | null
  /** True while `metrics` belongs to an earlier range or filter. */
  outdated: boolean
  retry: () => void
}

type Stored = { key: string; metrics: LiveMetrics | null; error: string | null }

/** One socket subscription for all series of a page; points are merged as they come. */
export function useLiveMetrics(
  entries: readonly LiveMetricEntry[],
  window: Window,
  enabled: boolean,
): LiveMetricsState {
  const { status, epoch } = useConnection()
  const visible = usePageVisible()
  const [attempt, setAttempt] = useState(0)
  const [stored, setStored] = useState<Stored>({ key: '', metrics: null, error: null })
  const key = JSON.stringify([entries, window])
  const retry = useCallback(() => setAttempt((count) => count + 1), [])

  useEffect(() => {
    if (!enabled || !visible || status !== 'live') return
    const [asked, range]: [LiveMetricEntry[], Window] = JSON.parse(key)
    const subscription = openSubscription(asked, range, {
      onMetrics: (metrics) => setStored({ key, metrics, error: null }),
      onError: (error) => setStored((before) => ({ ...before, key, error })),
      onGap: retry,
    })
    return () => subscription.close()
  }, [key, enabled, visible, status, epoch, attempt, retry])

  return {
    metrics: stored.metrics,
    error: stored.error,
    outdated: stored.key !== key,
    retry,
  }
}

type Handlers = {
  onMetrics: (metrics: LiveMetrics) => void
  onError: (error: string) => void
  onGap: () => void
}

function openSubscription(entries: LiveMetricEntry[], window: Window, handlers: Handlers) {
  const id = nextSubscriptionId('metrics')
  const socket = liveSocket()
  const flushMs = redrawMs(window)
  let metrics: LiveMetrics | null = null
  let early: LiveUpdate[] = []
  let timer: ReturnType<typeof setTimeout> | undefined
  let isOver = false

  const flush = (): void => {
    timer = undefined
    if (metrics !== null) handlers.onMetrics(metrics)
  }
  const take = (update: LiveUpdate): void => {
    if (metrics === null || isOver) return
    const keepFrom = subscribeFrom(window, update.storedThrough)
    const merged = mergeUpdate(metrics, update, keepFrom)
    if (merged.status === 'gap') return handlers.onGap()
    metrics = merged.metrics
    rememberServerTime(update.storedThrough)
    timer ??= setTimeout(flush, flushMs)
  }
  const onUpdate = (body: unknown): void => {
    const parsed = LiveUpdate.safeParse(body)
    if (!parsed.success || parsed.data.id !== id) return
    if (metrics === null) early.push(parsed.data)
    else take(parsed.data)
  }
  const start = async (): Promise<void> => {
    const from = subscribeFrom(window, serverNow())
    const ack = await request<SubscribeAck>('subscribe', { id, metrics: entries, from })
    if (isOver) return
    if (!ack.ok) return handlers.onError(ack.error)
    metrics = fromSnapshot(ack)
    rememberServerTime(metrics.storedThrough)
    // A client clock that is wrong by more than a bucket asked for the wrong range.
    const right = subscribeFrom(window, metrics.storedThrough)
    if (Math.abs(right - from) > 2 * window.stepMs) return handlers.onGap()
    handlers.onMetrics(metrics)
    const pending = early.filter((update) => update.seq > ack.seq)
    early = []
    for (const update of pending) take(update)
  }

  socket.on('update', onUpdate)
  const stopListening = onClosed(id, (error) => {
    // A frame that still waits to be drawn would wipe the error away.
    isOver = true
    clearTimeout(timer)
    handlers.onError(error)
  })
  void start()
  return {
    close: (): void => {
      isOver = true
      clearTimeout(timer)
      stopListening()
      socket.off('update', onUpdate)
      unsubscribe(id)
    },
  }
}

/** Ranges up to 3 h redraw with each frame, longer ones by their bucket. */
export function redrawMs(window: Window): number {
  if (window.lengthMs <= 3 * 3_600_000) return 0
  return Math.min(10_000, Math.max(1_000, floorTo(window.stepMs / 12, 100)))
}
