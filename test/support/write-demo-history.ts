import { parseOptions } from '../demo/parse-options.ts'
import { runDemo } from '../demo/run-demo.ts'
import type { DemoSummary } from '../demo/run-demo.ts'

/** Lets the demo write history, in this process; resolves once all of it is acknowledged. */
export function writeDemoHistory(url: string, args: readonly string[]): Promise<DemoSummary> {
  const options = parseOptions(['--endpoint', url, ...args])
  return runDemo(options, { signal: new AbortController().signal, log: () => undefined })
}
