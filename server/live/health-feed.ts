import type { IngestHealth } from '../contract/index.ts'
import type { Log } from '../platform/log.ts'
import { isReading, type Client } from './client.ts'

export type ReadHealth = (projectId: string) => Promise<IngestHealth>

/** Sends ingest health to whoever looks at it; each project is read once for all of them. */
export async function sendHealth(
  clients: Set<Client>,
  readHealth: ReadHealth,
  log: Log,
): Promise<void> {
  const wanted = [...clients].flatMap((client) =>
    [...client.subscriptions].flatMap(([id, subscription]) =>
      subscription.kind === 'health' ? [{ client, id, subscription }] : [],
    ),
  )
  for (const [projectId, listeners] of Map.groupBy(wanted, (one) => one.subscription.projectId)) {
    try {
      const health = await readHealth(projectId)
      for (const { client, id, subscription } of listeners) {
        const isOpen = client.subscriptions.get(id) === subscription
        if (isOpen && isReading(client)) client.socket.emit('health', { id, health })
      }
    } catch (error) {
      log.warn({ error, projectId }, 'ingest health could not be read')
    }
  }
}
