/**
 * Seeded randomness: a named stream is an sfc32 generator whose state comes from
 * splitmix32(seed xor fnv1a(name)), so that adding draws to one stream never moves another.
 */
export type Random = {
  /** Uniform in [0, 1). */
  uniform(): number
  /** Uniform integer in [0, below). */
  integer(below: number): number
  pick<T>(items: readonly T[]): T
  normal(): number
  /** exp(N(ln median, sigma)): `median` is the median of the draws, `sigma` their log deviation. */
  logNormal(median: number, sigma: number): number
  poisson(mean: number): number
}

const FNV_OFFSET = 0x811c9dc5
const FNV_PRIME = 0x01000193
const UINT32 = 4_294_967_296

/** FNV-1a over UTF-16 code units, continued from `state`. */
export function fnv1a(text: string, state: number = FNV_OFFSET): number {
  let hash = state
  for (let index = 0; index < text.length; index++) {
    hash = Math.imul(hash ^ text.charCodeAt(index), FNV_PRIME)
  }
  return hash >>> 0
}

export function randomStream(seed: number, name: string): Random {
  return randomOf((seed ^ fnv1a(name)) >>> 0)
}

export function randomOf(seed: number): Random {
  const next = sfc32(seed)
  let spareNormal: number | undefined

  function uniform(): number {
    return next() / UINT32
  }
  function normal(): number {
    if (spareNormal !== undefined) {
      const value = spareNormal
      spareNormal = undefined
      return value
    }
    // 1 - uniform() is never 0, so the logarithm is finite.
    const radius = Math.sqrt(-2 * Math.log(1 - uniform()))
    const angle = 2 * Math.PI * uniform()
    spareNormal = radius * Math.sin(angle)
    return radius * Math.cos(angle)
  }
  function integer(below: number): number {
    return Math.floor(uniform() * below)
  }
  return {
    uniform,
    integer,
    normal,
    pick: (items) => pickAt(items, integer(items.length)),
    logNormal: (median, sigma) => median * Math.exp(sigma * normal()),
    poisson: (mean) => poissonByInversion(mean, uniform),
  }
}

const HEX_BYTES = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'))

/** A word of 32 bits as eight hex digits; by table, as history needs half a million of them. */
export function hex32(value: number): string {
  return hexByte(value >>> 24) + hexByte(value >>> 16) + hexByte(value >>> 8) + hexByte(value)
}

function hexByte(value: number): string {
  return HEX_BYTES[value & 255] ?? ''
}

/** `length` hex digits drawn from the stream. */
export function randomHex(random: Random, length: number): string {
  let text = ''
  while (text.length < length) text += hex32(random.integer(UINT32))
  return text.slice(0, length)
}

function sfc32(seed: number): () => number {
  const mix = splitmix32(seed)
  let a = mix()
  let b = mix()
  let c = mix()
  let counter = mix()
  return () => {
    const sum = (a + b + counter) | 0
    counter = (counter + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = ((c << 21) | (c >>> 11)) + sum
    return sum >>> 0
  }
}

function splitmix32(seed: number): () => number {
  let state = seed | 0
  return () => {
    state = (state + 0x9e3779b9) | 0
    let mixed = state ^ (state >>> 16)
    mixed = Math.imul(mixed, 0x21f0aaad)
    mixed ^= mixed >>> 15
    mixed = Math.imul(mixed, 0x735a2d97)
    return (mixed ^ (mixed >>> 15)) | 0
  }
}

/** Means above 500 would underflow exp(-mean); they are split into halves, whose sum has the same law. */
function poissonByInversion(mean: number, uniform: () => number): number {
  if (mean > 500) {
    return poissonByInversion(mean / 2, uniform) + poissonByInversion(mean / 2, uniform)
  }
  const limit = Math.exp(-mean)
  let count = 0
  let product = uniform()
  while (product > limit) {
    count += 1
    product *= uniform()
  }
  return count
}

function pickAt<T>(items: readonly T[], index: number): T {
  const item = items[index]
  if (item === undefined) throw new RangeError(`nothing to pick: ${items.length} items`)
  return item
}
