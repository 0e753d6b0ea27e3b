export const SLOT_COUNT = 1024

/**
 * The slot of a project: leads the key of every large table, so that a move to Citus is
 * `create_distributed_table` and not a rewrite. One stripe per project for now.
 */
export function slotOf(projectId: string): number {
  let hash = 0x811c9dc5
  for (const byte of Buffer.from(projectId, 'utf8')) {
    hash = Math.imul(hash ^ byte, 0x01000193) >>> 0
  }
  return hash % SLOT_COUNT
}
