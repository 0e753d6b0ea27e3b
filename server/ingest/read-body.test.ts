import { randomBytes } from 'node:crypto'
import { gzipSync, zstdCompressSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { UnavailableError } from '../platform/errors.ts'
import { ByteBudget } from './byte-budget.ts'
import { inflate, TooLargeError } from './read-body.ts'

const MIB = 1024 * 1024
const LIMIT = 64 * MIB

/** Packs to a fiftieth at best: the start cannot be packed at all. */
function mixed(length: number): Buffer {
  const body = Buffer.alloc(length)
  randomBytes(Math.ceil(length / 50)).copy(body)
  return body
}

function byteBudget() {
  const refusals: number[] = []
  const budget = new ByteBudget(LIMIT, () => refusals.push(budget.held))
  return { budget, refusals }
}

describe('the byte budget', () => {
  test('lets one request alone pass the limit and takes no other beside it', () => {
    const { budget, refusals } = byteBudget()
    using large = budget.lease()
    large.take(MIB)
    large.take(LIMIT)
    using other = budget.lease()

    expect(() => other.take(2 * MIB)).toThrow(UnavailableError)
    expect(refusals).toEqual([65 * MIB])
  })

  test('takes requests up to the limit together', () => {
    const { budget } = byteBudget()
    const leases = Array.from({ length: 32 }, () => budget.lease())
    for (const lease of leases) lease.take(2 * MIB)

    expect(() => budget.lease().take(2 * MIB)).toThrow('send again')
    for (const lease of leases) lease[Symbol.dispose]()
    expect(budget.held).toBe(0)
  })

  test('takes small requests beside a large one, up to the reserve', () => {
    const { budget } = byteBudget()
    using large = budget.lease()
    large.take(2 * LIMIT)
    const small = Array.from({ length: 16 }, () => budget.lease())
    for (const lease of small) lease.take(MIB)

    expect(() => budget.lease().take(1)).toThrow('send again')
    expect(() => small[0]?.take(1)).toThrow('send again')
  })

  test('small requests beside it do not refuse a large one that grows', () => {
    const { budget } = byteBudget()
    using small = budget.lease()
    small.take(MIB)
    using large = budget.lease()
    large.take(10 * MIB)
    large.take(LIMIT)

    expect(budget.held).toBe(75 * MIB)
  })
})

describe('inflating', () => {
  for (const [encoding, pack] of [
    ['gzip', gzipSync],
    ['zstd', zstdCompressSync],
  ] as const) {
    test(`${encoding} stops where the budget of the process ends`, async () => {
      const { budget, refusals } = byteBudget()
      using other = budget.lease()
      other.take(60 * MIB)
      using lease = budget.lease()

      const inflated = inflate(pack(mixed(50 * MIB)), { encoding, lease })

      await expect(inflated).rejects.toThrow(UnavailableError)
      expect(refusals).toHaveLength(1)
      expect(budget.held).toBeLessThanOrEqual(LIMIT)
    })

    test(`${encoding} counts what came out and is whole`, async () => {
      const { budget } = byteBudget()
      using lease = budget.lease()
      const body = mixed(3 * MIB)

      expect((await inflate(pack(body), { encoding, lease })).equals(body)).toBe(true)
      expect(budget.held).toBe(body.length)
    })

    test(`${encoding} of a body that is gzip already is told`, async () => {
      const { budget } = byteBudget()
      using lease = budget.lease()

      const inflated = inflate(pack(gzipSync(mixed(MIB))), { encoding, lease })

      await expect(inflated).rejects.toThrow(`${encoding}: what it holds is gzip once more`)
    })

    test(`${encoding} ends past a hundred times the sent bytes`, async () => {
      const { budget } = byteBudget()
      using lease = budget.lease()

      const inflated = inflate(pack(Buffer.alloc(20 * MIB)), { encoding, lease })

      await expect(inflated).rejects.toThrow(TooLargeError)
    })
  }
})
