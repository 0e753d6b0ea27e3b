import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createAnnouncer } from './announce.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

test('speaks at once, then at most once in five seconds and then the newest', () => {
  const said: string[] = []
  const announce = createAnnouncer((text) => said.push(text))

  announce('14:41')
  announce('14:42')
  announce('14:43')
  expect(said).toEqual(['14:41'])

  vi.advanceTimersByTime(4_999)
  expect(said).toEqual(['14:41'])
  vi.advanceTimersByTime(1)
  expect(said).toEqual(['14:41', '14:43'])
})

test('says nothing twice', () => {
  const said: string[] = []
  const announce = createAnnouncer((text) => said.push(text))

  announce('14:41')
  vi.advanceTimersByTime(60_000)

  expect(said).toEqual(['14:41'])
})
