import { expect, it } from 'vitest'
import type { TokenUsage } from '../spans/span.ts'
import { findImpossible } from './impossible-usage.ts'

const NONE: TokenUsage = {
  input: null,
  output: null,
  cacheRead: null,
  cacheWrite: null,
  cacheWrite1h: null,
  reasoning: null,
  audioInput: null,
  audioOutput: null,
  imageInput: null,
}

it.each<Partial<TokenUsage>>([
  {},
  { input: 0, output: 0 },
  { input: 109, cacheRead: 64, cacheWrite: 45, cacheWrite1h: 45, output: 19, reasoning: 19 },
  { input: 10, audioInput: 6, imageInput: 10 },
  // Without the whole there is nothing a part could exceed.
  { cacheRead: 64, reasoning: 5 },
  { input: 1e9 },
])('finds nothing wrong with %j', (usage) => {
  expect(findImpossible({ ...NONE, ...usage })).toBeNull()
})

it.each<[Partial<TokenUsage>, (keyof TokenUsage)[]]>([
  [{ input: -1 }, ['input']],
  [{ output: 1e15 }, ['output']],
  [{ output: Number.NaN }, ['output']],
  [{ input: 10, cacheRead: 11 }, ['cacheRead']],
  [{ input: 10, cacheRead: 8, cacheWrite: 3 }, ['cacheRead', 'cacheWrite', 'cacheWrite1h']],
  [{ input: 10, cacheWrite: 5, cacheWrite1h: 6 }, ['cacheWrite1h']],
  [{ output: 10, reasoning: 11 }, ['reasoning']],
  [{ output: 10, audioOutput: 11 }, ['audioOutput']],
  [{ input: 10, audioInput: 11 }, ['audioInput']],
  [{ input: 10, imageInput: 11 }, ['imageInput']],
])('of %j no sum may take %j', (usage, counts) => {
  expect(findImpossible({ ...NONE, ...usage })?.counts).toEqual(counts)
})
