import fc from 'fast-check'
import { afterEach, expect, test, vi } from 'vitest'
import { ProtoWriter } from './proto-writer.ts'

afterEach(() => {
  vi.unstubAllGlobals()
  vi.resetModules()
})

function written(writer: ProtoWriter, write: (writer: ProtoWriter) => void): number[] {
  write(writer)
  return [...writer.bytes.subarray(0, writer.at)]
}

test('where there is no Buffer, texts come out the same', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: 'binary', maxLength: 100 })), (texts) => {
      const writeAll = (writer: ProtoWriter) => {
        for (const text of texts) writer.text(0x0a, text)
      }
      const withBuffer = written(new ProtoWriter(1), writeAll)
      vi.stubGlobal('Buffer', undefined)
      const without = written(new ProtoWriter(1), writeAll)
      vi.unstubAllGlobals()

      expect(without).toEqual(withBuffer)
    }),
  )
})

test.each([
  [0, [0]],
  [127, [127]],
  [128, [0x80, 1]],
  [300, [0xac, 2]],
  [2 ** 32 - 1, [0xff, 0xff, 0xff, 0xff, 0x0f]],
  [2 ** 32, [0x80, 0x80, 0x80, 0x80, 0x10]],
  [-1, [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1]],
])('the integer %s is written in its shortest form', (value, bytes) => {
  expect(written(new ProtoWriter(1), (writer) => writer.int64(0x18, value))).toEqual([
    0x18,
    ...bytes,
  ])
})
