/** One line for a shell, whatever its curl, that gives the trace a score. */
export function scoreCommand(origin: string, traceId: string): string {
  const body = JSON.stringify({ traceId, name: 'helpful', value: 1, source: 'user' })
  return `curl -X POST ${origin}/api/v1/scores -H 'content-type: application/json' -d '${body}'`
}
