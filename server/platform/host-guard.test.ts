import { expect, test } from 'vitest'
import { isAllowedHost, isAllowedOrigin } from './host-guard.ts'

const OWN = { ownHost: '127.0.0.9', ownPort: 4318 }

test.each(['localhost:4318', 'LOCALHOST', '127.0.0.1:9', '[::1]:4318', '127.0.0.9:4318'])(
  'the host %s is ours',
  (host) => {
    expect(isAllowedHost(host, OWN)).toBe(true)
  },
)

test.each([
  'evil.example',
  'localhost.evil.example',
  'evil.example:4318',
  '127.0.0.9:4319',
  '127.0.0.9',
  'localhost:4318@evil.example',
  'localhost/evil',
  '',
  undefined,
])('the host %s is not', (host) => {
  expect(isAllowedHost(host, OWN)).toBe(false)
})

test('an origin must be the very server the request goes to', () => {
  expect(isAllowedOrigin(undefined, 'localhost:4318')).toBe(true)
  expect(isAllowedOrigin('http://localhost:4318', 'localhost:4318')).toBe(true)
  expect(isAllowedOrigin('http://localhost:3000', 'localhost:4318')).toBe(false)
  expect(isAllowedOrigin('http://evil.example', 'localhost:4318')).toBe(false)
  expect(isAllowedOrigin('null', 'localhost:4318')).toBe(false)
})
