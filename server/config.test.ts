import { expect, test } from 'vitest'
import { ConfigError, loadConfig } from './config.ts'

function faultsOf(env: Record<string, string>): string {
  try {
    loadConfig(env)
  } catch (error) {
    if (error instanceof ConfigError) return error.message
    throw error
  }
  throw new Error('no fault was found')
}

test('with nothing set the server listens on loopback at the OTLP port', () => {
  expect(loadConfig({ HOST: '' })).toMatchObject({
    host: '127.0.0.1',
    port: 4318,
    grpcPort: 4317,
    databaseUrl: undefined,
    dataDir: '.sightline',
    retentionDays: 30,
    canary: true,
  })
})

test('OTLP over gRPC has its port, or none', () => {
  expect(loadConfig({ OTLP_GRPC_PORT: '0' }).grpcPort).toBe(0)
  expect(loadConfig({ OTLP_GRPC_PORT: 'off' }).grpcPort).toBeNull()
  expect(faultsOf({ OTLP_GRPC_PORT: 'on' })).toContain('OTLP_GRPC_PORT="on"')
})

test('all faults come in one message', () => {
  const text = faultsOf({ PORT: 'abc', SIGHTLINE_RETENTION_DAYS: '0', SIGHTLINE_AUTH: 'maybe' })

  expect(text).toContain('PORT="abc"')
  expect(text).toContain('SIGHTLINE_RETENTION_DAYS="0"')
  expect(text).toContain('SIGHTLINE_AUTH="maybe"')
})

test('an address beyond loopback stops the start with the reason', () => {
  expect(faultsOf({ HOST: '0.0.0.0' })).toContain('loopback')
  expect(loadConfig({ HOST: '127.0.0.2' }).host).toBe('127.0.0.2')
})

test('a password in a database URL is not printed', () => {
  const text = faultsOf({ DATABASE_URL: 'mysql://me:hunter2@db/x' })

  expect(text).toContain('DATABASE_URL=mysql:…')
  expect(text).not.toContain('hunter2')
})

test('receivers beyond public addresses are host:port pairs', () => {
  expect(
    loadConfig({ SIGHTLINE_OUTBOUND_ALLOW: '127.0.0.1:9000, hooks:80' }).outboundAllow,
  ).toEqual(['127.0.0.1:9000', 'hooks:80'])
  expect(faultsOf({ SIGHTLINE_OUTBOUND_ALLOW: 'hooks' })).toContain('"hooks" is not host:port')
})
