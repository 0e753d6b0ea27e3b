import { ApiError } from '@sightline/server/contract'
import type * as z from 'zod/mini'

/** An answer of the API that is not a success, with the id that finds it in the server's log. */
export class RequestError extends Error {
  readonly status: number
  readonly code: string
  readonly field: string | undefined
  readonly requestId: string | undefined

  constructor(message: string, details: Partial<Omit<RequestError, 'message'>> = {}) {
    super(message)
    this.name = 'RequestError'
    this.status = details.status ?? 0
    this.code = details.code ?? 'unreachable'
    this.field = details.field
    this.requestId = details.requestId
  }
}

export type Query = Record<string, string | number | readonly string[] | undefined>
type Schema<Value> = z.ZodMiniType<Value, unknown>
type Body = { method: 'POST' | 'PUT' | 'DELETE'; body?: unknown }

export async function fetchJson<Value>(
  schema: Schema<Value>,
  path: string,
  { query = {}, signal, send }: { query?: Query; signal?: AbortSignal; send?: Body } = {},
): Promise<Value> {
  const response = await call(apiUrl(path, query), signal, send)
  const body = await readBody(response)
  if (!response.ok) throw errorOf(response, body)
  const parsed = schema.safeParse(body)
  if (parsed.success) return parsed.data
  const issue = parsed.error.issues[0]
  const where = issue === undefined ? '' : ` at ${issue.path.join('.')}: ${issue.message}`
  throw new RequestError(`${path} answered in an unexpected form${where}`, {
    status: response.status,
    code: 'unexpected_form',
    requestId: response.headers.get('x-request-id') ?? undefined,
  })
}

export function apiUrl(path: string, query: Query = {}): string {
  const params = new URLSearchParams()
  for (const [key, value] of Object.entries(query)) {
    if (value === undefined) continue
    for (const item of [value].flat()) params.append(key, String(item))
  }
  const text = params.toString()
  return `/api/v1${path}${text === '' ? '' : `?${text}`}`
}

async function call(url: string, signal?: AbortSignal, send?: Body): Promise<Response> {
  const init: RequestInit = { headers: { accept: 'application/json' } }
  if (signal !== undefined) init.signal = signal
  if (send !== undefined) {
    init.method = send.method
    if (send.body !== undefined) {
      init.headers = { accept: 'application/json', 'content-type': 'application/json' }
      init.body = JSON.stringify(send.body)
    }
  }
  try {
    return await fetch(url, init)
  } catch (cause) {
    if (signal?.aborted === true) throw cause
    throw new RequestError('The server cannot be reached.')
  }
}

async function readBody(response: Response): Promise<unknown> {
  const text = await response.text()
  if (text === '') return null
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

function errorOf(response: Response, body: unknown): RequestError {
  const parsed = ApiError.safeParse(body)
  if (parsed.success) {
    return new RequestError(parsed.data.error.message, {
      status: response.status,
      ...parsed.data.error,
    })
  }
  return new RequestError(`The server answered ${response.status} ${response.statusText}`.trim(), {
    status: response.status,
    code: 'http',
    requestId: response.headers.get('x-request-id') ?? undefined,
  })
}
