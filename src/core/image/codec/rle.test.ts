import fc from 'fast-check'
import { expect, test } from 'vitest'
import { decodeRle } from './rle'

/** PackBits by the book (PS3.5 G.3.1): runs of equal bytes as repeats, all else as literals. */
function packBits(bytes: readonly number[]): number[] {
  const packed: number[] = []
  let at = 0
  while (at < bytes.length) {
    let run = 1
    while (run < 128 && at + run < bytes.length && bytes[at + run] === bytes[at]) run += 1
    if (run > 1) {
      packed.push(257 - run, bytes[at] ?? 0)
      at += run
      continue
    }
    const start = at
    while (at < bytes.length && at - start < 128 && bytes[at] !== bytes[at + 1]) at += 1
    if (at === start) at += 1
    packed.push(at - start - 1, ...bytes.slice(start, at))
  }
  return packed.length % 2 === 0 ? packed : [...packed, 128]
}

function rleFrame(segments: readonly (readonly number[])[]): Uint8Array {
  const header = new DataView(new ArrayBuffer(64))
  header.setUint32(0, segments.length, true)
  const packed = segments.map(packBits)
  packed.reduce((offset, segment, index) => {
    header.setUint32(4 + 4 * index, offset, true)
    return offset + segment.length
  }, 64)
  return Uint8Array.from([...new Uint8Array(header.buffer), ...packed.flat()])
}

const samples = fc.array(fc.oneof(fc.integer({ min: 0, max: 65535 }), fc.constant(7), fc.constant(256)), {
  minLength: 1,
  maxLength: 600,
})

test('16-bit samples come back from the segments of their high and low bytes', () => {
  fc.assert(
    fc.property(samples, (values) => {
      const frame = rleFrame([values.map((value) => value >> 8), values.map((value) => value & 255)])
      const decoded = decodeRle(frame, { pixels: values.length, samplesPerPixel: 1, bytesPerSample: 2 })
      expect(decoded.ok && [...new Uint16Array(decoded.value.samples.buffer)]).toEqual(values)
    }),
  )
})

test('three planes of colour come back side by side', () => {
  const frame = rleFrame([
    [1, 1, 1, 1],
    [2, 3, 2, 3],
    [9, 8, 7, 6],
  ])
  const decoded = decodeRle(frame, { pixels: 4, samplesPerPixel: 3, bytesPerSample: 1 })
  expect(decoded.ok && [...decoded.value.samples]).toEqual([1, 2, 9, 1, 3, 8, 1, 2, 7, 1, 3, 6])
})

test('any damage gives a frame of the right size or a refusal', () => {
  const good = rleFrame([[...new Uint8Array(300)], Array.from({ length: 300 }, (_, k) => k % 256)])
  fc.assert(
    fc.property(
      fc.nat(good.length - 1),
      fc.integer({ min: 0, max: 255 }),
      fc.nat(good.length),
      (at, byte, length) => {
        const damaged = good.slice()
        damaged[at] = byte
        for (const bytes of [damaged, good.subarray(0, length)]) {
          const decoded = decodeRle(bytes, { pixels: 300, samplesPerPixel: 1, bytesPerSample: 2 })
          if (decoded.ok) expect(decoded.value.samples.length).toBe(600)
          else expect(decoded.refusal.code).toBe('pixels-damaged')
        }
      },
    ),
  )
})

test('a frame with more pixels than are asked for says so, however its runs lie; one that is whole says nothing', () => {
  fc.assert(
    fc.property(samples, fc.integer({ min: 1, max: 40 }), (values, fewer) => {
      const bytes = values.map((value) => value & 255)
      const left = (pixels: number): number | null => {
        const decoded = decodeRle(rleFrame([bytes]), { pixels, samplesPerPixel: 1, bytesPerSample: 1 })
        return decoded.ok ? decoded.value.leftOverBytes : null
      }
      expect(left(bytes.length)).toBe(0)
      const asked = bytes.length - fewer
      if (asked > 0 && bytes.slice(asked).some((byte) => byte !== 0 && byte !== 128))
        expect(left(asked)).toBeGreaterThan(0)
    }),
    { numRuns: 300, seed: 121 },
  )
})
