import { Ollama } from 'ollama'
import { expect, test } from 'vitest'
import { MODEL, QUESTION } from './ollama-setting.ts'
import { readOnServer } from './read-on-server.ts'

test('the server shows a completion with its thoughts and its measured times', async () => {
  const { record, described } = await readOnServer(
    (host) => new Ollama({ host }),
    (client) => client.generate({ model: MODEL, prompt: QUESTION, think: true }),
  )

  expect(record).toMatchObject({
    dialect: 'sightline',
    type: 'llm',
    task: 'completion',
    provider: 'ollama',
    requestModel: MODEL,
  })
  expect(record.usage.input).toBeGreaterThan(0)
  expect(record.usage.output).toBeGreaterThan(0)
  expect(described.inputMessages).toEqual([
    { role: 'user', parts: [{ type: 'text', content: QUESTION }] },
  ])
  expect(described.outputMessages[0]?.parts.map(({ type }) => type)).toEqual(['reasoning', 'text'])
})
