import { spawn, type ChildProcess } from 'node:child_process'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { ConfigError, loadConfig, type Config } from './config.ts'
import { startServer, type RunningServer } from './start.ts'

const DRAIN_LIMIT_MS = 9_000

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { demo: { type: 'boolean', default: false } } })
  const config = loadConfig()
  const stopped = stopSignal()
  const server = await startServer(config)
  greet(server)
  const demo = values.demo ? startDemo(server.url) : undefined
  await stopped
  // Whatever hangs, the process must not outlive its promise to end.
  setTimeout(() => process.exit(1), DRAIN_LIMIT_MS).unref()
  demo?.kill('SIGTERM')
  await server[Symbol.asyncDispose]()
}

/** Resolves on SIGINT, SIGTERM, or when the parent that started us is gone. */
function stopSignal(): Promise<void> {
  return new Promise((resolve) => {
    process.once('SIGINT', () => resolve())
    process.once('SIGTERM', () => resolve())
    process.once('disconnect', () => resolve())
  })
}

function greet({ url, grpcPort }: RunningServer): void {
  const grpc = grpcPort === null ? '' : ` and ${new URL(url).hostname}:${grpcPort} (OTLP/gRPC)`
  process.stdout.write(`
Sightline is ready
  dashboard      ${url}/
  OTLP endpoint  ${url}/v1/traces   (OTLP/HTTP, protobuf or JSON)${grpc}

  npm i ${url}/sdk.tgz openai

  import { init, wrap } from '@sightline/sdk'
  init({ endpoint: '${url}', service: 'my-app' })
  const openai = wrap(new OpenAI())

`)
}

function startDemo(url: string): ChildProcess {
  const script = join(import.meta.dirname, '../test/demo/main.ts')
  const args = [script, '--endpoint', url, '--backfill', '24h', '--incidents']
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
  child.on('exit', (code) => {
    if (code !== 0 && code !== null) process.stderr.write(`the demo ended with code ${code}\n`)
  })
  return child
}

function describeStartFailure(error: unknown, config: Config | undefined): string {
  if (error instanceof ConfigError) return error.message
  if (config !== undefined && isPortInUse(error)) return describePortInUse(error.port, config)
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}

function isPortInUse(error: unknown): error is Error & { port: unknown } {
  const isInUse = error instanceof Error && 'code' in error && error.code === 'EADDRINUSE'
  return isInUse && 'port' in error
}

function describePortInUse(port: unknown, config: Config): string {
  const isGrpc = port === config.grpcPort && port !== config.port
  const advice = isGrpc ? 'set OTLP_GRPC_PORT to a free one, or to off' : 'set PORT to a free one'
  return `port ${String(port)} on ${config.host} is in use; ${advice}`
}

try {
  await main()
  process.exit(0)
} catch (error) {
  let config: Config | undefined
  try {
    config = loadConfig()
  } catch {
    // The ConfigError itself is what gets printed.
  }
  process.stderr.write(`${describeStartFailure(error, config)}\n`)
  process.exit(1)
}
