import { Socket } from 'node:net'

/** The part of the driver's settings that says where to connect. */
export type SocketTarget = { path?: string | false; host: string[]; port: number[] }

/**
 * A socket that reports an error only as it closes. postgres 3.4.9 rejects its queries on 'error'
 * but takes new ones until 'close', and never answers those: a caller that retries at once would
 * wait for ever. With both in one tick there is no such moment.
 */
export class DeferredErrorSocket extends Socket {
  #failure: unknown

  override emit(event: string, ...values: unknown[]): boolean {
    if (event === 'error') {
      this.#failure = values[0]
      return true
    }
    if (event !== 'close' || this.#failure === undefined) return super.emit(event, ...values)
    const failure = this.#failure
    this.#failure = undefined
    if (this.listenerCount('error') > 0) super.emit('error', failure)
    return super.emit('close', true)
  }
}

/** For the driver's `socket` setting: connecting, without the delay of small packets. */
export function openSocket({ path, host, port }: SocketTarget): Socket {
  const socket = new DeferredErrorSocket()
  if (typeof path === 'string') return socket.connect(path)
  socket.setNoDelay(true)
  return socket.connect(port[0] ?? 5432, host[0] ?? 'localhost')
}
