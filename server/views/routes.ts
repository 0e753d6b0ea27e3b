import { Router, type Request } from 'express'
import * as z from 'zod/mini'
import { SavedViewInput, type SavedView, type ViewPage } from '../contract/index.ts'
import type { Context } from '../context.ts'
import { allowOnly } from '../platform/allow-only.ts'
import { AppError, InvalidValueError, NotFoundError } from '../platform/errors.ts'
import {
  encodeCursor,
  parseChoice,
  parseCursor,
  parseLimit,
  parseProject,
  single,
} from '../platform/query-params.ts'
import { parseBody } from '../platform/validate.ts'
import { deleteView } from './delete-view.ts'
import { findView } from './find-view.ts'
import { insertView, MAX_VIEWS } from './insert-view.ts'
import { listViews } from './list-views.ts'
import { updateView } from './update-view.ts'
import type { ViewKey } from './view-record.ts'

const ViewCursor = z.object({ name: z.string(), id: z.string() })
const PAGES: [ViewPage, ...ViewPage[]] = ['overview', 'traces']

/** Filters of a page, saved under a name. */
export function viewRoutes({ sql }: Context): Router {
  const router = Router()

  router
    .route('/views')
    .get(async function getViews(request, response) {
      const { query } = request
      const limit = parseLimit(query)
      const items = await listViews(sql, {
        projectId: parseProject(request),
        page: single(query, 'page') === undefined ? undefined : parseChoice(query, 'page', PAGES),
        limit,
        after: parseCursor(query, ViewCursor),
      })
      const last = items.length < limit ? undefined : items.at(-1)
      const nextCursor = last === undefined ? null : encodeCursor({ name: last.name, id: last.id })
      response.json({ items, nextCursor })
    })
    .post(async function postView(request, response) {
      const input = parseView(request.body)
      const result = await insertView(sql, parseProject(request), input)
      if (result.status === 'name-taken') throw nameTaken(input)
      if (result.status === 'too-many') throw tooMany()
      response.status(201).json(result.view)
    })
    .all(allowOnly('GET', 'POST'))

  router
    .route('/views/:id')
    .get(async function getView(request, response) {
      const key = keyOf(request)
      response.json(found(key, await findView(sql, key)))
    })
    .put(async function putView(request, response) {
      const key = keyOf(request)
      const input = parseView(request.body)
      const result = await updateView(sql, key, input)
      if (result.status === 'name-taken') throw nameTaken(input)
      response.json(found(key, result.status === 'missing' ? undefined : result.view))
    })
    .delete(async function deleteOneView(request, response) {
      const key = keyOf(request)
      if (!(await deleteView(sql, key))) throw noView(key)
      response.status(204).end()
    })
    .all(allowOnly('GET', 'PUT', 'DELETE'))

  return router
}

function keyOf(request: Request<{ id: string }>): ViewKey {
  return { projectId: parseProject(request), viewId: request.params.id.replaceAll('\u0000', '') }
}

/** PostgreSQL's text holds no NUL, and half a surrogate pair is no text. */
function parseView(body: unknown): SavedViewInput {
  const input = parseBody(SavedViewInput, body)
  for (const field of ['name', 'search'] as const) {
    const isText = !input[field].includes('\u0000') && input[field].isWellFormed()
    if (!isText) throw new InvalidValueError(`${field} holds a character that no text has`, field)
  }
  return input
}

function found({ viewId }: ViewKey, view: SavedView | undefined): SavedView {
  if (view === undefined) throw noView({ viewId })
  return view
}

function noView({ viewId }: Pick<ViewKey, 'viewId'>): NotFoundError {
  return new NotFoundError(`there is no saved view ${JSON.stringify(viewId.slice(0, 80))}`)
}

function nameTaken({ name, page }: SavedViewInput): AppError {
  return new AppError(
    `page ${page} has a saved view named ${JSON.stringify(name)} already; take another name, or save over it`,
    { status: 409, code: 'conflict', field: 'name' },
  )
}

function tooMany(): AppError {
  return new AppError(`a project keeps ${MAX_VIEWS} saved views; delete one first`, {
    status: 409,
    code: 'conflict',
  })
}
