/** Masks to outlines and back: exact area, holes, no flip. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { fillOutline } from '../../../src/core/exchange/fill-outlines'
import { wholeMask } from '../../../src/core/exchange/exchange-reading'
import { keyholeOutlines } from '../../../src/core/exchange/pixel-outlines'

const masks = fc
  .record({ widthPx: fc.integer({ min: 1, max: 12 }), heightPx: fc.integer({ min: 1, max: 12 }) })
  .chain(({ widthPx, heightPx }) =>
    fc
      .uint8Array({ minLength: widthPx * heightPx, maxLength: widthPx * heightPx, max: 1 })
      .map((pixels) => ({ widthPx, heightPx, pixels })),
  )

/** The pixels of one outline on the whole image. */
function filledOn(widthPx: number, heightPx: number, points: Float64Array): Uint8Array {
  const filled = fillOutline(points, { widthPx, heightPx })
  if (!filled.ok) throw new Error(filled.refusal.reason)
  return wholeMask({ mask: filled.value }, widthPx, heightPx)
}

const areaOf = (line: Float64Array): number => {
  let twice = 0
  for (let at = 0; at < line.length; at += 2) {
    const next = (at + 2) % line.length
    twice += (line[at] ?? 0) * (line[next + 1] ?? 0) - (line[next] ?? 0) * (line[at + 1] ?? 0)
  }
  return twice / 2
}

test('outlines fill back to the mask, and their area is its number of pixels', () => {
  fc.assert(
    fc.property(masks, fc.integer({ min: 0, max: 3 }), (mask, shift) => {
      const outlines = keyholeOutlines({ originColumn: shift, originRow: 2 * shift, mask })
      const [width, height] = [mask.widthPx + 3, mask.heightPx + 6]
      const filled = new Uint8Array(width * height)
      const union = new Uint8Array(width * height)
      for (const line of outlines) {
        filledOn(width, height, line).forEach((pixel, at) => {
          filled[at] = (filled[at] ?? 0) ^ pixel
          union[at] = (union[at] ?? 0) | pixel
        })
      }
      const expected = new Uint8Array(width * height)
      mask.pixels.forEach((pixel, at) => {
        const [column, row] = [(at % mask.widthPx) + shift, Math.floor(at / mask.widthPx) + 2 * shift]
        expected[row * width + column] = pixel
      })
      expect(filled).toEqual(expected)
      // Union or exclusive or: the channels make both the same.
      expect(union).toEqual(expected)
      const pixels = mask.pixels.reduce((sum, pixel) => sum + pixel, 0)
      expect(outlines.reduce((sum, line) => sum + areaOf(line), 0)).toBe(pixels)
    }),
    { numRuns: 500, seed: 11 },
  )
})

/** The rule as it is written: a ray to the right from the centre crosses an odd number of sides. */
function brute(widthPx: number, heightPx: number, points: readonly number[]): Uint8Array {
  const pixels = new Uint8Array(widthPx * heightPx)
  for (let at = 0; at < pixels.length; at += 1) {
    const [column, row] = [at % widthPx, Math.floor(at / widthPx)]
    let crossings = 0
    for (let side = 0; side < points.length; side += 2) {
      const [ax, ay] = [points[side] ?? 0, points[side + 1] ?? 0]
      const next = (side + 2) % points.length
      const [bx, by] = [points[next] ?? 0, points[next + 1] ?? 0]
      if (ay <= row === by <= row) continue
      if (ax + ((row - ay) / (by - ay)) * (bx - ax) > column) crossings += 1
    }
    pixels[at] = crossings % 2
  }
  return pixels
}

test('filling agrees with counting crossings at every pixel centre', () => {
  const corner = fc.integer({ min: -20, max: 60 }).map((value) => value / 4 + 1 / 16)
  fc.assert(
    fc.property(fc.array(corner, { minLength: 6, maxLength: 20 }), (corners) => {
      const points = corners.slice(0, corners.length & ~1)
      expect(filledOn(11, 7, Float64Array.from(points))).toEqual(brute(11, 7, points))
    }),
    { numRuns: 500, seed: 12 },
  )
})

test('neighbours that share a side through pixel centres share no pixel and leave none out', () => {
  const pixels = new Uint8Array(8 * 8)
  for (const [x, y] of [
    [0, 0],
    [3, 0],
    [0, 3],
    [3, 3],
  ] as const) {
    const square = Float64Array.of(x, y, x + 3, y, x + 3, y + 3, x, y + 3)
    filledOn(8, 8, square).forEach((pixel, at) => {
      pixels[at] = (pixels[at] ?? 0) + pixel
    })
  }
  expect(pixels.reduce((sum, pixel) => sum + pixel, 0)).toBe(36)
  expect(Math.max(...pixels)).toBe(1)
})

test('a corner that is no number, and a polygon of endless work, are refused', () => {
  const square = { widthPx: 8, heightPx: 8 }
  expect(fillOutline(Float64Array.of(0, 0, Number.NaN, 1, 2, 2), square)).toMatchObject({
    ok: false,
    refusal: { code: 'annotation-damaged' },
  })
  const zigzag = Float64Array.from({ length: 200_000 }, (_, at) => (at % 4 === 3 ? 4095 : 0))
  expect(fillOutline(zigzag, { widthPx: 8, heightPx: 4096 })).toMatchObject({
    ok: false,
    refusal: { code: 'limit-reached' },
  })
})
