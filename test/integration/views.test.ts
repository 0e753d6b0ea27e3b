import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { SavedView, SavedViewList, type ApiError } from '../../server/contract/index.ts'
import { startTestServer, type TestServer } from '../support/test-server.ts'

const SLOW = { name: 'Slow chats', page: 'traces', search: '?f=latency:gt:4000&t=24h' }
const stack = new AsyncDisposableStack()
let server: TestServer

beforeAll(async () => {
  server = stack.use(await startTestServer())
})
beforeEach(async () => {
  await server.sql`truncate saved_views`
})
afterAll(() => stack.disposeAsync())

async function ask(method: string, path: string, body?: unknown) {
  const response = await fetch(`${server.url}/api/v1/views${path}`, {
    method,
    headers: { 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  const text = await response.text()
  return { status: response.status, body: text === '' ? undefined : (JSON.parse(text) as unknown) }
}

async function saved(view: object = SLOW, query = ''): Promise<SavedView> {
  const { status, body } = await ask('POST', query, view)
  expect(status, JSON.stringify(body)).toBe(201)
  return SavedView.parse(body)
}

async function listed(query = ''): Promise<SavedViewList> {
  return SavedViewList.parse((await ask('GET', query)).body)
}

function errorOf({ status, body }: { status: number; body: unknown }) {
  const { code, field, message } = (body as ApiError).error
  return { status, code, field, message }
}

test('a saved view is read, changed and deleted by its id', async () => {
  const view = await saved()
  const changed = { ...SLOW, name: 'Slower chats', search: '' }

  const put = await ask('PUT', `/${view.id}`, changed)
  const got = await ask('GET', `/${view.id}`)
  const gone = await ask('DELETE', `/${view.id}`)

  expect(view).toMatchObject(SLOW)
  expect(put).toEqual({ status: 200, body: { ...view, ...changed } })
  expect(got.body).toEqual(put.body)
  expect(gone.status).toBe(204)
  expect((await listed()).items).toEqual([])
})

test('views are listed by name, page by page, of one page of the dashboard or of all', async () => {
  for (const name of ['c', 'a', 'b']) await saved({ ...SLOW, name })
  await saved({ ...SLOW, page: 'overview', name: 'd' })

  const first = await listed('?limit=2')
  const second = await listed(`?limit=2&cursor=${first.nextCursor}`)
  const overview = await listed('?page=overview')

  expect(first.items.map((view) => view.name)).toEqual(['a', 'b'])
  expect(second.items.map((view) => view.name)).toEqual(['c', 'd'])
  expect(overview.items.map((view) => view.name)).toEqual(['d'])
})

test('a name is taken once on a page, in a project', async () => {
  const view = await saved()
  const other = await saved({ ...SLOW, name: 'Other' })
  await saved({ ...SLOW, page: 'overview' })
  await saved(SLOW, '?project=shop')

  const twice = errorOf(await ask('POST', '', SLOW))
  const renamed = errorOf(await ask('PUT', `/${other.id}`, SLOW))
  const same = await ask('PUT', `/${view.id}`, { ...SLOW, search: '?t=1h' })

  expect(twice).toMatchObject({ status: 409, code: 'conflict', field: 'name' })
  expect(twice.message).toContain('"Slow chats"')
  expect(renamed).toMatchObject({ status: 409, field: 'name' })
  expect(same.status).toBe(200)
})

test('another project sees, changes and deletes none of them', async () => {
  const view = await saved()

  expect((await listed('?project=shop')).items).toEqual([])
  for (const [method, body] of [['GET'], ['PUT', SLOW], ['DELETE']] as const) {
    const answer = await ask(method, `/${view.id}?project=shop`, body)
    expect(errorOf(answer), method).toMatchObject({ status: 404, code: 'not_found' })
  }
  expect((await listed()).items).toEqual([view])
})

test('at most 200 are kept, however many are saved at once', async () => {
  await server.sql`
    insert into saved_views (view_id, project_id, page, name, search, created_at)
    select 'view_' || n, 'default', 'traces', 'view ' || n, '', now() from generate_series(1, 198) n`

  const answers = await Promise.all(
    Array.from({ length: 5 }, (_, at) => ask('POST', '', { ...SLOW, name: `more ${at}` })),
  )

  const statuses = answers.map(({ status }) => status).toSorted((a, b) => a - b)
  expect(statuses).toEqual([201, 201, 409, 409, 409])
  expect((await listed('?limit=1000')).items).toHaveLength(200)
})

test.each([
  [{ ...SLOW, name: '' }, 422, 'name'],
  [{ ...SLOW, name: 'x'.repeat(101) }, 422, 'name'],
  [{ ...SLOW, name: 'a\u0000b' }, 422, 'name'],
  [{ ...SLOW, name: 'half \ud83d' }, 422, 'name'],
  [{ ...SLOW, page: 'settings' }, 422, 'page'],
  [{ ...SLOW, search: 'f=status:eq:error' }, 422, 'search'],
  [{ ...SLOW, search: `?${'x'.repeat(10_000)}` }, 422, 'search'],
  [{ ...SLOW, search: '?q=\u0000' }, 422, 'search'],
  [{ name: 'no page' }, 422, 'page'],
  [[], 422, 'body'],
  [undefined, 422, 'name'],
])('the view %j is refused with %i for %s', async (...[view, status, field]) => {
  expect(errorOf(await ask('POST', '', view))).toMatchObject({ status, field })
  expect((await listed()).items).toEqual([])
})

test.each([
  "'; drop table saved_views; --",
  '100 % _ \\',
  'Grüße 🙂',
  '<img src=x onerror=alert(1)>',
])('the name %j is a name and nothing more', async (name) => {
  await saved({ ...SLOW, name, search: `?q=${name}` })

  expect((await listed()).items).toMatchObject([{ name, search: `?q=${name}` }])
})

test('other methods, unknown ids and pages are refused in the form of every error', async () => {
  expect(errorOf(await ask('PATCH', '/x', SLOW))).toMatchObject({ status: 405 })
  expect(errorOf(await ask('GET', '/nothing'))).toMatchObject({ status: 404 })
  expect(errorOf(await ask('GET', '?page=settings'))).toMatchObject({ status: 422, field: 'page' })
})
