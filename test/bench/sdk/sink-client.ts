import { fork } from 'node:child_process'
import { join } from 'node:path'

/** How a port answers; `plain` refuses what is compressed, `busy` is 429, `down` refuses connections. */
export type SinkMode = 'ok' | 'plain' | 'busy' | 'down'

export type SinkOptions = {
  /** Of its answers. */
  readonly headers?: Readonly<Record<string, string>>
  readonly mode?: SinkMode | undefined
}

export type SinkStats = {
  /** Spans by their ids. */
  readonly spans: number
  /** Spans that came again. */
  readonly repeated: number
  readonly bytes: number
  readonly requests: number
  /** The highest `sightline.sdk.dropped` that arrived. */
  readonly dropped: number
  readonly encodings: readonly string[]
  readonly errors: readonly string[]
}

type OrderBody =
  | ({ readonly do: 'open' } & SinkOptions)
  | { readonly do: 'mode'; readonly port: number; readonly mode: SinkMode }
  | { readonly do: 'stats' | 'close'; readonly port: number }

export type SinkOrder = OrderBody & { readonly id: number }

export type SinkReply = {
  readonly id: number
  result?: SinkStats | number | undefined
  error?: string
}

export type SinkPort = {
  readonly url: string
  setMode(mode: SinkMode): Promise<void>
  stats(): Promise<SinkStats>
  /** Answers the last figures. */
  close(): Promise<SinkStats>
}

export type Sink = AsyncDisposable & {
  open(options: SinkOptions): Promise<SinkPort>
}

/** Starts the sink as a process of its own. */
export function startSink(): Sink {
  const child = fork(join(import.meta.dirname, 'sink.ts'), {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  })
  const waiting = new Map<number, PromiseWithResolvers<SinkReply['result']>>()
  let lastId = 0
  child.on('message', ({ id, result, error }: SinkReply) => {
    const waiter = waiting.get(id)
    waiting.delete(id)
    if (error === undefined) waiter?.resolve(result)
    else waiter?.reject(new Error(`the sink failed: ${error}`))
  })
  child.on('exit', (code) => {
    for (const waiter of waiting.values()) waiter.reject(new Error(`the sink ended (${code})`))
  })

  async function order(body: OrderBody): Promise<SinkReply['result']> {
    lastId += 1
    const waiter = Promise.withResolvers<SinkReply['result']>()
    waiting.set(lastId, waiter)
    child.send({ ...body, id: lastId })
    return waiter.promise
  }
  async function askStats(body: OrderBody): Promise<SinkStats> {
    const stats = await order(body)
    if (typeof stats !== 'object') throw new Error('the sink gave no figures')
    return stats
  }

  return {
    open: async (options) => {
      const port = await order({ do: 'open', ...options })
      if (typeof port !== 'number') throw new Error('the sink gave no port')
      return {
        url: `http://127.0.0.1:${port}`,
        setMode: async (mode) => void (await order({ do: 'mode', port, mode })),
        stats: () => askStats({ do: 'stats', port }),
        close: () => askStats({ do: 'close', port }),
      }
    },
    [Symbol.asyncDispose]: async () => {
      const ended = new Promise((resolve) => child.once('exit', resolve))
      child.disconnect()
      await ended
    },
  }
}
