import { DEFAULT_PROJECT } from '../contract/index.ts'
import { AppError } from '../platform/errors.ts'
import { parseProject, type ProjectSource } from '../platform/query-params.ts'
import { DecodeError } from './otlp.ts'
import type { Signal } from './otlp-answer.ts'
import type { Pipeline } from './pipeline.ts'
import { AbortedError } from './read-body.ts'

const REASONS: Readonly<Record<number, string>> = {
  400: 'bad_request',
  401: 'unauthorized',
  413: 'too_large',
  415: 'unsupported_encoding',
  422: 'invalid_project',
  429: 'over_quota',
  503: 'unavailable',
}

/** Counts a request that was not taken at all; one that the sender broke off is no refusal. */
export function noteRefusal(
  pipeline: Pick<Pipeline, 'noteRefused'>,
  request: ProjectSource,
  { signal, error }: { signal: Signal; error: unknown },
): void {
  if (error instanceof AbortedError) return
  const isType = error instanceof AppError && error.code === 'unsupported_type'
  const reason = isType ? error.code : (REASONS[statusOf(error)] ?? 'other')
  pipeline.noteRefused({ projectId: projectOf(request), signal, reason })
}

function statusOf(error: unknown): number {
  if (error instanceof DecodeError) return 400
  return error instanceof AppError ? error.status : 503
}

function projectOf(request: ProjectSource): string {
  try {
    return parseProject(request)
  } catch {
    return DEFAULT_PROJECT
  }
}
