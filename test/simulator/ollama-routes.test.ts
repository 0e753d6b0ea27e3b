import { expect, test } from 'vitest'
import { NO_FAILURES } from './behaviour.ts'
import { startSimulator } from './start-simulator.ts'

const MESSAGES = { messages: [{ role: 'user', content: 'How long does a parcel take?' }] }
const CHAT = { model: 'llama3.2', ...MESSAGES }

async function open() {
  const simulator = await startSimulator({ seed: 7, speed: 0, failureRates: NO_FAILURES })
  const ask = (path: string, body: object, behaviour?: string) =>
    fetch(`${simulator.url}/api/${path}`, {
      method: 'POST',
      body: JSON.stringify(body),
      headers: behaviour === undefined ? {} : { 'x-sim-behaviour': behaviour },
    })
  return { ask, url: simulator.url, [Symbol.asyncDispose]: () => simulator.close() }
}

type Line = {
  done?: boolean
  error?: string
  response?: string
  message?: { content: string; tool_calls?: object[] }
  prompt_eval_count?: number
}

async function linesOf(response: Response): Promise<Line[]> {
  const text = await response.text()
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Line)
}

test('equal requests to equally seeded simulators get equal answers, byte for byte', async () => {
  const answers: string[] = []
  for (let run = 0; run < 2; run++) {
    await using setting = await open()
    answers.push(await (await setting.ask('chat', CHAT)).text())
  }
  expect(answers[0]).toBe(answers[1])
  expect(answers[0]?.length).toBeGreaterThan(500)
})

test('streams unless told not to, and says the same either way', async () => {
  const texts: string[] = []
  for (const stream of [undefined, false]) {
    await using setting = await open()
    const lines = await linesOf(await setting.ask('chat', { ...CHAT, stream }))
    expect(lines.filter(({ done }) => done === true)).toHaveLength(1)
    texts.push(lines.map(({ message }) => message?.content ?? '').join(''))
  }
  expect(texts[0]).toBe(texts[1])
})

test('generate answers with a response instead of a message', async () => {
  await using setting = await open()
  const response = await setting.ask('generate', { model: 'llama3.2', prompt: 'Hi', stream: false })
  expect(await response.json()).toMatchObject({ response: expect.any(String), done: true })
})

test('a prompt asked again is not counted again', async () => {
  await using setting = await open()
  const counts: (number | undefined)[] = []
  for (let time = 0; time < 2; time++) {
    const [line] = await linesOf(await setting.ask('chat', { ...CHAT, stream: false }))
    counts.push(line?.prompt_eval_count)
  }
  expect(counts).toEqual([expect.any(Number), undefined])
})

test.each(['429', '500'])('%s fails with a text', async (behaviour) => {
  await using setting = await open()
  const response = await setting.ask('chat', CHAT, behaviour)
  expect(response.status).toBe(Number(behaviour))
  expect(await response.json()).toEqual({ error: expect.any(String) })
})

test('an error in the middle is the last line', async () => {
  await using setting = await open()
  const lines = await linesOf(await setting.ask('chat', CHAT, 'error-event'))
  expect(lines.length).toBeGreaterThan(1)
  expect(lines.at(-1)).toEqual({ error: expect.any(String) })
})

test('tools are called with arguments as an object', async () => {
  await using setting = await open()
  const parameters = { type: 'object', properties: { id: { type: 'string' } } }
  const tools = [{ type: 'function', function: { name: 'look_up_order', parameters } }]
  const response = await setting.ask('chat', { ...CHAT, tools, stream: false }, 'parallel-tools')
  const [line] = await linesOf(response)
  const call = { function: { name: 'look_up_order', arguments: expect.any(Object) } }
  expect(line?.message?.tool_calls).toEqual([call, call])
})

test('lists its models, embeds one text or many, and refuses what is no request', async () => {
  await using setting = await open()
  const models = await (await fetch(`${setting.url}/api/tags`)).json()
  expect(models).toMatchObject({ models: [{ name: 'llama3.2' }, {}, {}] })

  const many = await setting.ask('embed', { model: 'm', input: ['one', 'two'] })
  const { embeddings } = (await many.json()) as { embeddings: number[][] }
  const one = await setting.ask('embeddings', { model: 'm', prompt: 'one' })
  const { embedding } = (await one.json()) as { embedding: number[] }
  expect(embeddings).toHaveLength(2)
  expect(embedding).toEqual(embeddings[0])

  expect((await setting.ask('embed', { model: 'm', input: [1] })).status).toBe(400)
  expect((await setting.ask('chat', MESSAGES)).status).toBe(400)
})
