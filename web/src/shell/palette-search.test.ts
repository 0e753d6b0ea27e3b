import { expect, test } from 'vitest'
import { searchCommands, traceAddressOf, type Command } from './palette-search.ts'

const command = (given: Omit<Command, 'run'>): Command => ({ ...given, run: () => undefined })
const COMMANDS = [
  command({ id: 'overview', group: 'Pages', title: 'Overview', words: 'home' }),
  command({ id: 'traces', group: 'Pages', title: 'Traces' }),
  command({ id: 'theme', group: 'Actions', title: 'The light theme', words: 'dark mode' }),
  command({ id: 'model:gpt', group: 'Models', title: 'gpt-5-mini' }),
]

const idsOf = (typed: string, recent: string[] = []): string[] =>
  searchCommands(COMMANDS, typed, recent).flatMap(({ commands }) => commands.map(({ id }) => id))

test('with nothing typed all are there, what was taken last before them, and none twice', () => {
  const groups = searchCommands(COMMANDS, '', ['theme', 'gone'])

  expect(groups[0]).toMatchObject({ title: 'Recent', commands: [{ id: 'theme' }] })
  expect(idsOf('', ['theme'])).toEqual(['theme', 'overview', 'traces', 'model:gpt'])
})

test('the group with the best answer goes first', () => {
  expect(idsOf('gpt')[0]).toBe('model:gpt')
  expect(idsOf('tr')[0]).toBe('traces')
})

test('a command is found by other words for it', () => {
  expect(idsOf('dark')).toEqual(['theme'])
})

test('what nothing answers leaves nothing', () => {
  expect(idsOf('zzz')).toEqual([])
})

test('a trace id is taken bare, as a UUID, in capitals or out of a traceparent', () => {
  const traceId = '4bf92f3577b34da6a3ce929d0e0e4736'

  expect(traceAddressOf(` ${traceId.toUpperCase()} `)).toEqual({ traceId })
  expect(traceAddressOf('4bf92f35-77b3-4da6-a3ce-929d0e0e4736')).toEqual({ traceId })
  expect(traceAddressOf(`00-${traceId}-00f067aa0ba902b7-01`)).toEqual({
    traceId,
    spanId: '00f067aa0ba902b7',
  })
  expect(traceAddressOf('4bf92f35')).toBeUndefined()
  expect(traceAddressOf(`${traceId}0`)).toBeUndefined()
})
