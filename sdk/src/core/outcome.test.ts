import { expect, test } from 'vitest'
import { toAttributes } from './content.ts'
import { errorMessage, errorType, streamFields } from './outcome.ts'

class RateLimitError extends Error {
  status = 429
}
class SocketError extends Error {}

test.each([
  ['the HTTP status, where there is one', new RateLimitError('slow down'), '429'],
  ['else the class', new SocketError('gone'), 'SocketError'],
  [
    'the name of a plain error that was given one',
    Object.assign(new Error('x'), { name: 'AbortError' }),
    'AbortError',
  ],
  ['Error for a plain one', new Error('x'), 'Error'],
  ['the type of what is no error', 'oops', 'string'],
  ['a fixed word for other objects', { reason: 'x' }, '_OTHER'],
])('the type of an error is %s', (_, error, type) => {
  expect(errorType(error)).toBe(type)
})

test('the message of a failure is bounded, and told even where the value cannot be shown', () => {
  expect(errorMessage(new Error('x'.repeat(5_000)))).toHaveLength(2_000)
  expect(errorMessage('oops')).toBe('oops')
  expect(errorMessage(Object.create(null))).toBe('the thrown value cannot be shown')
})

test('the time to the first chunk is in seconds', () => {
  expect(toAttributes(streamFields({ state: 'complete', timeToFirstChunkMs: 250 }))).toEqual({
    'sightline.stream.state': 'complete',
    'gen_ai.response.time_to_first_chunk': 0.25,
  })
  expect(toAttributes(streamFields({ state: 'unread' }))).toEqual({
    'sightline.stream.state': 'unread',
  })
})
