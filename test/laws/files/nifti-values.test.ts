/** Labels that a scale, a float or a compressor touched are the labels that were meant. */
import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { unpackNifti } from '../../../src/core/exchange/nifti/nifti-file'
import { kindOf, wholeValues } from '../../../src/core/exchange/nifti/nifti-values'
import { inflate } from '../../fixtures/exchange-source'

const image = (values: ArrayLike<number>, stepOfValues: number) => ({
  dimensions: [values.length, 1, 1] as const,
  affine: {
    steps: [
      [1, 0, 0],
      [0, 1, 0],
      [0, 0, 1],
    ],
    origin: [0, 0, 0],
  } as const,
  source: 'sform' as const,
  description: '',
  comment: '',
  values,
  stepOfValues,
})

/** What a writer does that fits floats into integers: the range over all steps, in a header of float32. */
function throughIntegers(labels: readonly number[], steps: number): { values: Float64Array; slope: number } {
  const slope = Math.fround(Math.max(...labels) / steps)
  const exact = Math.max(...labels) / steps
  return { slope, values: Float64Array.from(labels, (label) => Math.round(label / exact) * slope) }
}

test('labels that were scaled into 8 or 16 bits are whole again', () => {
  const label = fc.integer({ min: 0, max: 100 })
  fc.assert(
    fc.property(
      fc.array(label, { minLength: 1, maxLength: 40 }),
      fc.constantFrom(255, 32767, 65535),
      (some, steps) => {
        const labels = [...some, 1]
        const { values, slope } = throughIntegers(labels, steps)
        expect([...Array.from(wholeValues(image(values, slope)))]).toEqual(labels)
      },
    ),
    { numRuns: 500, seed: 41 },
  )
})

test('shares stay shares, and an image stays an image', () => {
  const shares = Float64Array.from({ length: 256 }, (_unused, at) => at * Math.fround(1 / 255))
  expect(wholeValues(image(shares, Math.fround(1 / 255)))).toBe(shares)
  expect(kindOf(shares)).toMatchObject({ ok: true, value: { shares: true } })
  const densities = Float64Array.from({ length: 300 }, (_unused, at) => at * 0.4)
  expect(kindOf(wholeValues(image(densities, 0.4)))).toMatchObject({ ok: false })
  const wide = Float64Array.of(0, 1.5, 3)
  expect(wholeValues(image(wide, 1.5))).toBe(wide)
})

test('a gzip file is all of its members, however it is cut into them', () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ minLength: 1, maxLength: 400 }),
      fc.array(fc.integer({ min: 0, max: 400 }), { maxLength: 5 }),
      fc.boolean(),
      (bytes, cuts, isPadded) => {
        const ends = [...cuts.filter((cut) => cut < bytes.length), bytes.length].sort((a, b) => a - b)
        const parts = ends.map((end, at) => gzipSync(bytes.subarray(ends[at - 1] ?? 0, end)))
        const packed = Buffer.concat(
          isPadded ? [...parts, gzipSync(new Uint8Array(0)), Buffer.alloc(7)] : parts,
        )
        const unpacked = unpackNifti(new Uint8Array(packed), 1000, inflate)
        expect(unpacked.ok && [...unpacked.value]).toEqual([...bytes])
        const damaged = new Uint8Array(packed.subarray(0, packed.length - (isPadded ? 16 : 3)))
        expect(unpackNifti(damaged, 1000, inflate).ok).toBe(false)
      },
    ),
    { numRuns: 200, seed: 42 },
  )
})
