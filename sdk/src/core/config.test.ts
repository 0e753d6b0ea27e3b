import { expect, test } from 'vitest'
import { resolveConfig } from './config.ts'

test('without options or environment it is the local server and full content', () => {
  const { tracesUrl, logsUrl, headers, content } = resolveConfig({}, {})

  expect(tracesUrl.href).toBe('http://localhost:4318/v1/traces')
  expect(logsUrl.href).toBe('http://localhost:4318/v1/logs')
  expect(headers).not.toHaveProperty('x-api-key')
  expect(content).toEqual({ mode: 'full', maxBytes: 64_000, media: 'hash' })
})

test('options win over the environment', () => {
  const env = {
    SIGHTLINE_ENDPOINT: 'https://env.example',
    SIGHTLINE_API_KEY: 'env-key',
    SIGHTLINE_CONTENT: 'none',
  }

  expect(resolveConfig({}, env)).toMatchObject({
    tracesUrl: new URL('https://env.example/v1/traces'),
    headers: { 'x-api-key': 'env-key' },
    content: { mode: 'none' },
  })
  expect(
    resolveConfig({ endpoint: 'https://own.example', apiKey: 'own', content: 'redacted' }, env),
  ).toMatchObject({
    tracesUrl: new URL('https://own.example/v1/traces'),
    headers: { 'x-api-key': 'own' },
    content: { mode: 'redacted' },
  })
})

test.each([
  ['http://host:4318', 'http://host:4318/v1/traces'],
  ['http://host:4318/', 'http://host:4318/v1/traces'],
  ['http://host/otlp', 'http://host/otlp/v1/traces'],
  ['http://host/otlp/v1/traces', 'http://host/otlp/v1/traces'],
  ['http://host/otlp/v1/logs', 'http://host/otlp/v1/traces'],
  ['ftp://host', 'http://localhost:4318/v1/traces'],
  ['nonsense', 'http://localhost:4318/v1/traces'],
])('the endpoint %s is asked at %s', (endpoint, url) => {
  expect(resolveConfig({ endpoint }, {}).tracesUrl.href).toBe(url)
})

test('a content mode nobody knows sends nothing', () => {
  expect(resolveConfig({}, { SIGHTLINE_CONTENT: 'nnone' }).content.mode).toBe('none')
})
