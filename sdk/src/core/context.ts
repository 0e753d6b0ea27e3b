import { createContextKey, propagation } from '@opentelemetry/api'
import type { Context } from '@opentelemetry/api'
import { activeContext, runInContext } from './active-context.ts'
import { Content } from './fields.ts'
import type { Fields } from './fields.ts'
import * as names from './semconv.ts'
import { toPlain } from './to-plain.ts'

/**
 * What is known of a prompt template beside its name.
 *
 * @example
 * const options: PromptOptions = { version: 3, label: 'canary', variables: { country: 'Peru' } }
 */
export type PromptOptions = {
  readonly version?: string | number
  /** Such as `production` or `canary`, where versions are rolled out under names. */
  readonly label?: string
  /** What the template was filled with. This is content: it is redacted, and off in mode `none`. */
  readonly variables?: Readonly<Record<string, unknown>>
}

/**
 * A prompt template in use.
 *
 * @example
 * const capital: PromptUse = prompt('capital', { version: 3 })
 */
export type PromptUse = PromptOptions & { readonly name: string }

/**
 * Who and what the calls inside belong to.
 *
 * @example
 * const values: SightlineContext = { session: 's-1', user: 'u-1', metadata: { plan: 'pro' } }
 */
export type SightlineContext = {
  readonly session?: string
  readonly user?: string
  readonly tags?: readonly string[]
  readonly metadata?: Readonly<Record<string, string | number | boolean>>
  /** The prompt template in use; `prompt(…)` makes one. */
  readonly prompt?: PromptUse
  /** What the calls are for, such as `summarisation`. */
  readonly task?: string
  /**
   * `true` puts session and user into W3C baggage, so that services called from inside know them, and
   * takes over what a caller's baggage says. Baggage leaves with every outgoing request that an
   * OpenTelemetry instrumentation sees, so it is off unless asked.
   */
  readonly baggage?: boolean
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
  return runInContext(extend(activeContext(), values), fn)
}

/** Outside of any `withContext`. */
export const NO_CONTEXT: SightlineContext = {}

/** The values of `withContext` that hold in an OpenTelemetry context. */
export function contextOf(active: Context): SightlineContext {
  const values = active.getValue(CONTEXT_KEY)
  return typeof values === 'object' && values !== null ? values : NO_CONTEXT
}

function extend(active: Context, values: SightlineContext): Context {
  try {
    if (values.baggage !== true)
      return active.setValue(CONTEXT_KEY, merge(contextOf(active), values))
    const known = { ...fromBaggage(active), ...merge(contextOf(active), values) }
    return toBaggage(active.setValue(CONTEXT_KEY, known), known)
  } catch {
    // Values that cannot be read must not keep the application's function from running.
    return active
  }
}

function merge(outer: SightlineContext, inner: SightlineContext): SightlineContext {
  const { prompt } = inner
  return {
    ...outer,
    ...inner,
    tags: [...new Set([...(outer.tags ?? []), ...(inner.tags ?? [])])],
    metadata: { ...outer.metadata, ...inner.metadata },
    // The application may change its variables before the call is made.
    ...(prompt?.variables === undefined
      ? {}
      : { prompt: { ...prompt, variables: copyVariables(prompt.variables) } }),
  }
}

const MAX_VARIABLES = 50

function copyVariables(variables: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const entries = Object.entries(variables).slice(0, MAX_VARIABLES)
  return Object.fromEntries(entries.map(([key, value]) => [key, toPlain(value)]))
}

function fromBaggage(active: Context): Pick<SightlineContext, 'session' | 'user'> {
  const baggage = propagation.getBaggage(active)
  const session = baggage?.getEntry(names.ATTR_SESSION_ID)?.value
  const user = baggage?.getEntry(names.ATTR_USER_ID)?.value
  return {
    ...(session === undefined ? {} : { session }),
    ...(user === undefined ? {} : { user }),
  }
}

function toBaggage(active: Context, { session, user }: SightlineContext): Context {
  let baggage = propagation.getBaggage(active) ?? propagation.createBaggage()
  if (session !== undefined) baggage = baggage.setEntry(names.ATTR_SESSION_ID, { value: session })
  if (user !== undefined) baggage = baggage.setEntry(names.ATTR_USER_ID, { value: user })
  return propagation.setBaggage(active, baggage)
}

/** What `withContext` gives every span inside. */
export function contextFields({
  session,
  user,
  tags,
  metadata,
  prompt,
  task,
}: SightlineContext): Fields {
  const fields: Fields = {}
  if (session !== undefined) {
    fields[names.ATTR_SESSION_ID] = session
    fields[names.ATTR_CONVERSATION_ID] = session
  }
  if (user !== undefined) fields[names.ATTR_USER_ID] = user
  if (tags !== undefined && tags.length > 0) fields[names.ATTR_TAGS] = [...tags]
  if (task !== undefined) fields[names.ATTR_TASK] = task
  if (prompt !== undefined) writePrompt(fields, prompt)
  for (const key in metadata) fields[names.METADATA_PREFIX + key] = metadata[key]
  return fields
}

function writePrompt(fields: Fields, { name, version, label, variables }: PromptUse): void {
  fields[names.ATTR_PROMPT_NAME] = name
  if (version !== undefined) fields[names.ATTR_PROMPT_VERSION] = String(version)
  if (label !== undefined) fields[names.ATTR_PROMPT_LABEL] = label
  for (const key in variables) {
    fields[names.PROMPT_VARIABLE_PREFIX + key] = new Content('prompt.variable', variables[key])
  }
}

/** The same for spans that make no call to a model themselves, which need not repeat the variables. */
export function contextFieldsAround(values: SightlineContext): Fields {
  const known = fieldsAround.get(values)
  if (known !== undefined) return known
  const fields = makeFieldsAround(values)
  fieldsAround.set(values, fields)
  return fields
}

// Many spans share one context, which nobody changes once it is made.
const fieldsAround = new WeakMap<SightlineContext, Fields>()

function makeFieldsAround(values: SightlineContext): Fields {
  const { prompt } = values
  if (prompt?.variables === undefined) return contextFields(values)
  const { variables: _, ...named } = prompt
  return contextFields({ ...values, prompt: named })
}
