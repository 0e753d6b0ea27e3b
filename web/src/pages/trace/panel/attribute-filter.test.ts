import type { Span } from '@sightline/server/contract'
import { expect, test } from 'vitest'
import { actionsOf } from './attribute-filter.ts'

const SPAN = {
  model: 'gpt-4o-mini-2024',
  provider: 'openai',
  service: 'support-chat',
  userId: 'u-1',
  tags: ['es'],
  error: null,
  mapping: [
    { field: 'requestModel', from: 'gen_ai.request.model' },
    { field: 'responseModel', from: 'gen_ai.response.model' },
    { field: 'userId', from: 'user.id' },
    { field: 'tags', from: 'app.tags' },
  ],
} as unknown as Span

const include = (key: string, value: Parameters<typeof actionsOf>[2]['value']) =>
  actionsOf(SPAN, 'attributes', { key, value }).include

test('an attribute that feeds a field filters by the field', () => {
  expect(include('gen_ai.response.model', 'gpt-4o-mini-2024')).toEqual({
    status: 'possible',
    filter: 'model:eq:gpt-4o-mini-2024',
  })
  expect(actionsOf(SPAN, 'resource', { key: 'service.name', value: 'support-chat' })).toEqual({
    include: { status: 'possible', filter: 'service:eq:support-chat' },
    exclude: { status: 'possible', filter: 'service:ne:support-chat' },
    group: { status: 'possible', filter: 'service:exists:true' },
  })
  expect(include('app.tags', ['es'])).toMatchObject({ filter: 'tag:eq:es' })
})

test('where the field holds another value, the attribute itself is the filter', () => {
  expect(include('gen_ai.request.model', 'gpt-4o-mini')).toEqual({
    status: 'possible',
    filter: 'attr.gen_ai.request.model:eq:gpt-4o-mini',
  })
})

test('numbers and switches filter as they were hashed', () => {
  expect(include('server.port', 33273)).toMatchObject({ filter: 'attr.server.port:eq:33273' })
  expect(include('stream', true)).toMatchObject({ filter: 'attr.stream:eq:true' })
})

test.each([
  ['longer than 256', 'k', 'x'.repeat(257)],
  ['nested', 'k', { a: 1 }],
  ['nested', 'k', ['a', 'b']],
  ['colon', 'a:b', 'x'],
])('what no filter finds says why: %s', (reason, key, value) => {
  const { include: filter, exclude } = actionsOf(SPAN, 'attributes', { key, value })

  expect(filter).toMatchObject({ status: 'impossible' })
  expect(exclude).toEqual(filter)
  expect(JSON.stringify(filter)).toContain(reason)
})

test('256 units are still found', () => {
  expect(include('k', 'x'.repeat(256))).toMatchObject({ status: 'possible' })
})

test('attributes of events are in no index', () => {
  expect(actionsOf(SPAN, 'event', { key: 'k', value: 'v' }).include).toMatchObject({
    status: 'impossible',
  })
})
