import fc from 'fast-check'
import { expect, test } from 'vitest'
import { GatheredBytes } from './gathered-bytes.ts'

test('parts come out as one, whatever length was announced', () => {
  const parts = fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 12 })
  fc.assert(
    fc.property(parts, fc.nat({ max: 300 }), fc.boolean(), (sent, announced, isExact) => {
      const whole = Buffer.concat(sent)
      const gathered = new GatheredBytes(isExact ? whole.length : announced)

      for (const part of sent) gathered.add(Buffer.from(part))

      expect(gathered.length).toBe(whole.length)
      expect(gathered.join().equals(whole)).toBe(true)
    }),
  )
})
