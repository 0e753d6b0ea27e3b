import { expect, test } from 'vitest'
import { NO_FAILURES } from './behaviour.ts'
import { startSimulator } from './start-simulator.ts'

const CONTENTS = { contents: [{ role: 'user', parts: [{ text: 'How long does a parcel take?' }] }] }
const MODEL = 'v1beta/models/gemini-2.5-flash'

type Options = { behaviour?: string; headers?: Record<string, string> }

async function open() {
  const simulator = await startSimulator({ seed: 7, speed: 0, failureRates: NO_FAILURES })
  const ask = (path: string, body: object, { behaviour, headers }: Options = {}) =>
    fetch(`${simulator.url}/${path}`, {
      method: 'POST',
      body: JSON.stringify(body),
      headers: { ...headers, ...(behaviour === undefined ? {} : { 'x-sim-behaviour': behaviour }) },
    })
  return { ask, [Symbol.asyncDispose]: () => simulator.close() }
}

async function eventsOf(response: Response): Promise<Record<string, unknown>[]> {
  const text = await response.text()
  return text
    .split('\r\n\r\n')
    .filter((event) => event !== '')
    .map((event) => JSON.parse(event.replace('data: ', '')) as Record<string, unknown>)
}

test('equal requests to equally seeded simulators get equal answers, byte for byte', async () => {
  const answers: string[] = []
  for (let run = 0; run < 2; run++) {
    await using setting = await open()
    const response = await setting.ask(`${MODEL}:streamGenerateContent?alt=sse`, CONTENTS)
    answers.push(await response.text())
  }
  expect(answers[0]).toBe(answers[1])
  expect(answers[0]?.length).toBeGreaterThan(500)
})

test('the usage grows with the stream, and thoughts are counted beside the answer', async () => {
  await using setting = await open()
  const response = await setting.ask(`${MODEL}:streamGenerateContent?alt=sse`, CONTENTS)
  const counts = (await eventsOf(response)).map(
    ({ usageMetadata }) => usageMetadata as Record<string, number>,
  )
  const candidates = counts.map(({ candidatesTokenCount = 0 }) => candidatesTokenCount)
  expect(candidates[0]).toBeLessThan(candidates.at(-1) ?? 0)
  const { promptTokenCount = 0, thoughtsTokenCount = 0, totalTokenCount } = counts.at(-1) ?? {}
  expect(thoughtsTokenCount).toBeGreaterThan(0)
  expect(totalTokenCount).toBe(promptTokenCount + thoughtsTokenCount + (candidates.at(-1) ?? 0))
})

test.each([
  ['429', 429, 'RESOURCE_EXHAUSTED'],
  ['500', 500, 'INTERNAL'],
])('%s fails in the form of a Google error', async (behaviour, status, name) => {
  await using setting = await open()
  const response = await setting.ask(`${MODEL}:generateContent`, CONTENTS, { behaviour })
  expect(response.status).toBe(status)
  expect(await response.json()).toMatchObject({ error: { code: status, status: name } })
})

test('a blocked prompt has no candidates, a filtered answer says SAFETY', async () => {
  await using setting = await open()
  const ask = async (behaviour: string) =>
    (await setting.ask(`${MODEL}:generateContent`, CONTENTS, { behaviour })).json()
  const blocked = (await ask('refusal')) as object
  expect(blocked).toMatchObject({ promptFeedback: { blockReason: 'PROHIBITED_CONTENT' } })
  expect(blocked).not.toHaveProperty('candidates')
  expect(await ask('content-filter')).toMatchObject({ candidates: [{ finishReason: 'SAFETY' }] })
})

test('an answer in two requests goes on where the first one stopped', async () => {
  await using setting = await open()
  const headers = { 'x-sim-continue': '1' }
  const path = `${MODEL}:generateContent`
  const first = (await (await setting.ask(path, CONTENTS, { headers })).json()) as {
    candidates: { finishReason: string; continuationToken: string }[]
  }
  const [candidate] = first.candidates
  expect(candidate?.finishReason).toBe('CONTINUATION')
  const body = { ...CONTENTS, continuationToken: candidate?.continuationToken }
  const second = await (await setting.ask(path, body, { headers })).json()
  expect(second).toMatchObject({ candidates: [{ finishReason: 'STOP' }] })
})

test('an error in the middle comes as an event of its own', async () => {
  await using setting = await open()
  const response = await setting.ask(`${MODEL}:streamGenerateContent`, CONTENTS, {
    behaviour: 'error-event',
  })
  const events = await eventsOf(response)
  expect(events.length).toBeGreaterThan(1)
  expect(events.at(-1)).toMatchObject({ error: { code: 503, status: 'UNAVAILABLE' } })
})

test('embeddings of both interfaces are the same for the same text', async () => {
  await using setting = await open()
  const content = { parts: [{ text: 'one' }] }
  const gemini = await setting.ask('v1beta/models/gemini-embedding-001:batchEmbedContents', {
    requests: [{ content }],
  })
  const vertex = await setting.ask(
    'v1beta1/projects/p/locations/l/publishers/google/models/text-embedding-005:predict',
    { instances: [{ content: 'one' }] },
  )
  const { embeddings } = (await gemini.json()) as { embeddings: { values: number[] }[] }
  const { predictions } = (await vertex.json()) as {
    predictions: { embeddings: { values: number[]; statistics: object } }[]
  }
  expect(embeddings[0]?.values).toEqual(predictions[0]?.embeddings.values)
  expect(predictions[0]?.embeddings.statistics).toEqual({ token_count: 1, truncated: false })
})

test('what is no request is refused', async () => {
  await using setting = await open()
  expect((await setting.ask(`${MODEL}:generateContent`, { contents: [] })).status).toBe(400)
  expect((await setting.ask(`${MODEL}:batchEmbedContents`, {})).status).toBe(400)
  expect((await setting.ask(`${MODEL}:sing`, CONTENTS)).status).toBe(404)
})
