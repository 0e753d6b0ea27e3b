import pg from 'pg'
import { describe, expect, test } from 'vitest'
import { isSqlError } from './copy.ts'

function serverError(code: string, severity = 'ERROR'): pg.DatabaseError {
  return Object.assign(new pg.DatabaseError('refused', 0, 'error'), { code, severity })
}

describe('an SQL error', () => {
  test('is one in every language of the server', () => {
    for (const severity of ['ERROR', 'FEHLER', 'ERREUR', 'ОШИБКА']) {
      expect(isSqlError(serverError('23505', severity))).toBe(true)
    }
  })

  test('is also a statement or lock that took too long, after which the connection is fine', () => {
    expect(isSqlError(serverError('57014'))).toBe(true)
    expect(isSqlError(serverError('55P03'))).toBe(true)
  })

  test('is none where the connection is of no more use', () => {
    for (const code of ['08006', '08P01', '57P01', '57P02', 'XX000']) {
      expect(isSqlError(serverError(code))).toBe(false)
    }
  })

  test("is none where the code is the operating system's", () => {
    expect(isSqlError(Object.assign(new Error('write EPIPE'), { code: 'EPIPE' }))).toBe(false)
  })
})
