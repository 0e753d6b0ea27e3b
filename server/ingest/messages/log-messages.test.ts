import { describe, expect, it } from 'vitest'
import { type LogRecord, logMessages } from './log-messages.ts'

function record(event: string, body: unknown, more: Partial<LogRecord> = {}): LogRecord {
  return { event, attributes: {}, body, at: 1, observedAt: 1, receivedAt: 1, ...more }
}

function rolesOf(records: LogRecord[]): string[] {
  return logMessages(records, 'input').map(({ role }) => role)
}

const system = record('gen_ai.system.message', { content: 'Be brief.' })
const user = record('gen_ai.user.message', { content: 'Weather?' })
const call = record('gen_ai.assistant.message', {
  tool_calls: [{ id: 'c1', type: 'function', function: { name: 'weather', arguments: '{}' } }],
})
const tool = record('gen_ai.tool.message', { id: 'c1', content: '{"sky":"rain"}' })

describe('messages of one instant', () => {
  it('keep the order they came in', () => {
    expect(rolesOf([system, user, call, tool])).toEqual(['system', 'user', 'assistant', 'tool'])
    expect(rolesOf([user, call, tool, user])).toEqual(['user', 'assistant', 'tool', 'user'])
  })

  it('that came in reverse are turned round', () => {
    expect(rolesOf([tool, call, user])).toEqual(['user', 'assistant', 'tool'])
    expect(rolesOf([user, system])).toEqual(['system', 'user'])
  })

  it('are not moved among those of other instants', () => {
    const later = { ...user, at: 2 }
    expect(rolesOf([{ ...call, at: 0 }, tool, later])).toEqual(['assistant', 'tool', 'user'])
  })
})

describe('what a record says', () => {
  it('is a tool answer by the id of its call, JSON as a value', () => {
    expect(logMessages([tool], 'input')).toEqual([
      {
        role: 'tool',
        parts: [{ type: 'tool_call_response', id: 'c1', response: { sky: 'rain' } }],
      },
    ])
  })

  it('is a message all the same where content is switched off', () => {
    expect(logMessages([record('gen_ai.user.message', null)], 'input')).toEqual([
      { role: 'user', parts: [] },
    ])
    const choice = record('gen_ai.choice', { index: 0, finish_reason: 'stop' })
    expect(logMessages([choice], 'output')).toEqual([
      { role: 'assistant', parts: [], finishReason: 'stop' },
    ])
  })

  it('is sorted by the index of the choice', () => {
    const choices = [1, 0].map((index) =>
      record('gen_ai.choice', { index, message: { content: `answer ${index}` } }),
    )
    const texts = logMessages(choices, 'output').map(({ parts }) => parts)
    expect(texts).toEqual([
      [{ type: 'text', content: 'answer 0' }],
      [{ type: 'text', content: 'answer 1' }],
    ])
  })

  it('comes from the record of the whole call before those of single messages', () => {
    const messages = [{ role: 'user', parts: [{ type: 'text', content: 'whole' }] }]
    const details = record('gen_ai.client.inference.operation.details', null, {
      attributes: { 'gen_ai.input.messages': JSON.stringify(messages) },
    })
    expect(logMessages([user, details], 'input')).toEqual([
      { role: 'user', parts: [{ type: 'text', content: 'whole' }] },
    ])
  })

  it("may be Gemini's own content", () => {
    const content = { role: 'user', parts: [{ text: 'Weather?' }] }
    expect(logMessages([record('gen_ai.user.message', { content })], 'input')).toEqual([
      { role: 'user', parts: [{ type: 'text', content: 'Weather?' }] },
    ])
    const answer = { index: 0, content: { parts: [{ text: 'Rain.' }] }, finish_reason: 'STOP' }
    expect(logMessages([record('gen_ai.choice', answer)], 'output')).toEqual([
      { role: 'assistant', parts: [{ type: 'text', content: 'Rain.' }], finishReason: 'STOP' },
    ])
  })

  it('may be both sides of the call in one body', () => {
    const body = {
      input: { messages: [{ role: 'user', content: 'Weather?' }] },
      output: { messages: [{ role: 'assistant', content: 'Rain.' }] },
    }
    const moved = record('strands.telemetry.tracer', body)
    expect(logMessages([moved], 'input')).toMatchObject([{ role: 'user' }])
    expect(logMessages([moved], 'output')).toMatchObject([{ parts: [{ content: 'Rain.' }] }])
  })

  it('of a hostile body is read without a fault', () => {
    for (const body of [null, 5, 'text', [], { message: 7 }, { message: [] }, { index: {} }]) {
      expect(() => logMessages([record('gen_ai.choice', body)], 'output')).not.toThrow()
      expect(() => logMessages([record('gen_ai.tool.message', body)], 'input')).not.toThrow()
    }
  })
})
