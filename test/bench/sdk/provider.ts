import { setImmediate as nextTurn } from 'node:timers/promises'
import type { ProviderAnswer } from './workloads.ts'

/** After so many packets the event loop has a turn for others. */
const PACKETS_PER_TURN = 4

/**
 * The provider played from memory: a `fetch` for the real client. Each answer comes in a later turn of
 * the event loop, as one from the network does, so that exporters get their turns too.
 */
export function createProvider(answers: readonly ProviderAnswer[]): typeof fetch {
  let next = 0
  return async function answer() {
    const body = answers[next % answers.length] ?? ''
    next += 1
    await nextTurn()
    return typeof body === 'string'
      ? new Response(body, { headers: { 'content-type': 'application/json' } })
      : new Response(streamOf(body), { headers: { 'content-type': 'text/event-stream' } })
  }
}

function streamOf(packets: readonly Uint8Array[]): ReadableStream<Uint8Array> {
  let position = 0
  return new ReadableStream({
    async pull(controller) {
      const packet = packets[position]
      if (packet === undefined) return controller.close()
      if (position % PACKETS_PER_TURN === PACKETS_PER_TURN - 1) await nextTurn()
      position += 1
      controller.enqueue(packet)
    },
  })
}
