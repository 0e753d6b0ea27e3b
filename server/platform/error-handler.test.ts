import { expect, test } from 'vitest'
import { toAppError } from './error-handler.ts'
import { InvalidValueError } from './errors.ts'

test.each([
  ['08006', 'the connection broke'],
  ['53300', 'too many connections'],
  ['57P01', 'the server shuts down'],
  ['55P03', 'a lock was not to be had'],
  ['40001', 'a serialisation failure'],
  ['ECONNREFUSED', 'nobody listens'],
  ['CONNECTION_CLOSED', 'the driver lost it'],
  ['CONNECT_TIMEOUT', 'the driver waited in vain'],
])('the database error %s (%s) asks for a retry', (code) => {
  expect(toAppError(Object.assign(new Error('secret detail'), { code }))).toMatchObject({
    status: 503,
    code: 'unavailable',
    retryAfterS: 2,
  })
})

test("a missing unix socket is the database's fault, a missing file is ours", () => {
  const missing = (syscall: string) => Object.assign(new Error('gone'), { code: 'ENOENT', syscall })

  expect(toAppError(missing('connect')).status).toBe(503)
  expect(toAppError(missing('open')).status).toBe(500)
})

test('a statement that ran into its limit is a range to narrow', () => {
  const error = Object.assign(new Error('canceling statement'), { code: '57014' })

  expect(toAppError(error)).toMatchObject({ status: 422, field: 'from' })
})

test('a stranger says nothing of itself', () => {
  const answer = toAppError(new Error('password=hunter2'))

  expect(answer).toMatchObject({ status: 500, code: 'internal' })
  expect(answer.message).not.toContain('hunter2')
})

test('our own errors stay as they are', () => {
  const error = new InvalidValueError('no', 'limit')

  expect(toAppError(error)).toBe(error)
})
