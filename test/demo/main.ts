import { writeFile } from 'node:fs/promises'
import { parseOptions, UsageError } from './parse-options.ts'
import { runDemo } from './run-demo.ts'

const stop = new AbortController()
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => stop.abort())
// Started by the server with an IPC channel: when the server dies, so do we.
process.once('disconnect', () => stop.abort())

try {
  const options = parseOptions(process.argv.slice(2))
  const summary = await runDemo(options, {
    signal: stop.signal,
    log: (line) => process.stderr.write(`demo: ${line}\n`),
  })
  const json = `${JSON.stringify(summary, undefined, 2)}\n`
  if (options.jsonFile !== undefined) await writeFile(options.jsonFile, json)
  process.stdout.write(json)
} catch (error) {
  if (!stop.signal.aborted) {
    process.stderr.write(`demo: ${error instanceof Error ? error.message : String(error)}\n`)
    process.exitCode = error instanceof UsageError ? 2 : 1
  }
} finally {
  // An open channel to the parent would keep the process alive.
  if (process.connected) process.disconnect()
}
