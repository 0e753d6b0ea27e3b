import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { scoreCommand } from '../../web/src/lib/score-command.ts'
import { startTestServer, type TestServer } from '../support/test-server.ts'

const ADDRESS = 'http://localhost:4318'
const run = promisify(execFile)
let server: TestServer

beforeAll(async () => {
  server = await startTestServer()
})
afterAll(() => server[Symbol.asyncDispose]())

/** The lines of the page's shell blocks. */
async function printedCommands(): Promise<string[]> {
  const text = await readFile(new URL('../../docs/scores.md', import.meta.url), 'utf8')
  const blocks = [...text.matchAll(/^```sh\n(.*?)^```$/gms)].map(([, block]) => block ?? '')
  return blocks.flatMap((block) => block.trim().split('\n'))
}

async function answerOf(command: string): Promise<object> {
  const { stdout } = await run('sh', ['-c', command.replaceAll(ADDRESS, server.url)])
  return JSON.parse(stdout) as object
}

test('every command in docs/scores.md runs as it is printed', async () => {
  const commands = await printedCommands()
  expect(commands.length).toBeGreaterThanOrEqual(8)

  for (const command of commands) {
    expect(await answerOf(command), command).not.toHaveProperty('error')
  }

  const passRate = `curl '${ADDRESS}/api/v1/metrics?metric=score_pass_rate.correct&step=all'`
  expect(await answerOf(passRate)).toMatchObject({ series: [{ points: [{ value: 0.5, n: 2 }] }] })
})

test('the command that a page shows gives its trace a score', async () => {
  const traceId = '6bf92f3577b34da6a3ce929d0e0e4736'

  const score = await answerOf(scoreCommand(ADDRESS, traceId))

  expect(score).toMatchObject({ traceId, name: 'helpful', value: 1, source: 'user' })
})
