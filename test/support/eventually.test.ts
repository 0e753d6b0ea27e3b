import { expect, test } from 'vitest'
import { eventually } from './eventually.ts'

test('a check that passes at its third try gives its value', async () => {
  let tries = 0

  const value = await eventually(
    () => {
      tries += 1
      if (tries < 3) throw new Error(`try ${tries}`)
      return tries
    },
    { everyMs: 1 },
  )

  expect(value).toBe(3)
})

test('a check that never passes fails with its own last error', async () => {
  const never = eventually(
    () => {
      throw new Error('still nothing')
    },
    { timeoutMs: 5, everyMs: 1 },
  )

  await expect(never).rejects.toThrow('still nothing')
})
