import { context, createContextKey } from '@opentelemetry/api'
import type { Attributes, Context } from '@opentelemetry/api'
import * as names from './semconv.ts'

/** Who and what the calls inside belong to. */
export type SightlineContext = {
  readonly session?: string
  readonly user?: string
  readonly tags?: readonly string[]
  readonly metadata?: Readonly<Record<string, string | number | boolean>>
  /** The prompt template in use. */
  readonly prompt?: { readonly name: string; readonly version?: string | number }
  /** What the calls are for, such as `summarisation`. */
  readonly task?: string
}

const CONTEXT_KEY = createContextKey('sightline.context')

/**
 * Runs `fn` so that every span inside carries the session, user, tags and metadata given.
 * Nested calls add to the outer ones; values inside win.
 *
 * @example
 * await withContext({ session: 's-1', user: 'u-1', tags: ['beta'] }, () => answer(question))
 */
export function withContext<R>(values: SightlineContext, fn: () => R): R {
  const active = context.active()
  return context.with(active.setValue(CONTEXT_KEY, merge(contextOf(active), values)), fn)
}

/** The values of `withContext` that hold in an OpenTelemetry context. */
export function contextOf(active: Context): SightlineContext {
  const values = active.getValue(CONTEXT_KEY)
  return typeof values === 'object' && values !== null ? values : {}
}

function merge(outer: SightlineContext, inner: SightlineContext): SightlineContext {
  return {
    ...outer,
    ...inner,
    tags: [...new Set([...(outer.tags ?? []), ...(inner.tags ?? [])])],
    metadata: { ...outer.metadata, ...inner.metadata },
  }
}

/** The attributes that `withContext` gives every span inside. */
export function contextAttributes({
  session,
  user,
  tags,
  metadata,
  prompt,
  task,
}: SightlineContext): Attributes {
  const attributes: Attributes = {}
  if (session !== undefined) {
    attributes[names.ATTR_SESSION_ID] = session
    attributes[names.ATTR_CONVERSATION_ID] = session
  }
  if (user !== undefined) attributes[names.ATTR_USER_ID] = user
  if (tags !== undefined && tags.length > 0) attributes[names.ATTR_TAGS] = [...tags]
  if (task !== undefined) attributes[names.ATTR_TASK] = task
  if (prompt !== undefined) {
    attributes[names.ATTR_PROMPT_NAME] = prompt.name
    if (prompt.version !== undefined) attributes[names.ATTR_PROMPT_VERSION] = String(prompt.version)
  }
  for (const [key, value] of Object.entries(metadata ?? {})) {
    attributes[names.METADATA_PREFIX + key] = value
  }
  return attributes
}
