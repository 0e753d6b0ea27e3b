import { withContext } from './context.ts'
import type { PromptOptions, PromptUse } from './context.ts'

/**
 * Names the prompt template, its version and its variables. With a function, the calls inside carry
 * them; without one, the answer is for `withContext({ prompt })`.
 *
 * @example
 * await prompt('capital', { version: 3, variables: { country: 'Peru' } }, () => ask('…'))
 *
 * @example
 * await withContext({ user: 'u-1', prompt: prompt('capital', { version: 3 }) }, () => ask('…'))
 */
export function prompt<R>(name: string, options: PromptOptions, fn: () => R): R
export function prompt(name: string, options?: PromptOptions): PromptUse
export function prompt<R>(name: string, options: PromptOptions = {}, fn?: () => R): PromptUse | R {
  const use: PromptUse = { ...options, name }
  return fn === undefined ? use : withContext({ prompt: use }, fn)
}
