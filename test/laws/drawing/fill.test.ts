import fc from 'fast-check'
import { expect, test } from 'vitest'
import { fillHoles, floodFill, holeAt } from '../../../src/core/contour/flood-fill'
import { keepInOnePiece, labelPieces } from '../../../src/core/contour/pieces'
import { fillPolygon, outlineOf } from '../../../src/core/contour/rasterise'
import { combine, copySlice, nudge } from '../../../src/core/contour/slice-mask'
import type { Mask } from '../../../src/core/image/mask'
import { uniforms } from '../../../src/core/sampling/counter-rng'
import { runPython } from '../../python'
import { countOf, differsOnlyWithin, drawn, masksOf, onImage, pictureOf, sizes, slicesOf } from './drawn'
import { signedArea } from '../geometry/fill-rings'

const masks = sizes(14).chain(masksOf)
const pairs = sizes(14).chain((size) => fc.tuple(masksOf(size), masksOf(size)))
const sixteenth = fc.integer({ min: -40, max: 300 }).map((whole) => whole / 16)
const rings = fc.array(fc.array(fc.tuple(sixteenth, sixteenth), { minLength: 0, maxLength: 7 }), {
  minLength: 1,
  maxLength: 3,
})

/** Even-odd by its definition: how many sides a ray to the right meets, in exact sixteenths. */
function isInside(
  x: number,
  y: number,
  polygon: readonly (readonly (readonly [number, number])[])[],
): boolean {
  let crossings = 0
  for (const ring of polygon) {
    ring.forEach(([bx, by], index) => {
      const [ax, ay] = ring[(index + ring.length - 1) % ring.length] ?? [bx, by]
      if (ay <= y === by <= y) return
      const along = (bx - ax) * (y - ay) - (x - ax) * (by - ay)
      if (by > ay ? along > 0 : along < 0) crossings += 1
    })
  }
  return crossings % 2 === 1
}

test('a polygon holds the pixels whose centre lies in it, even-odd, on and off the image', () => {
  fc.assert(
    fc.property(sizes(18), rings, (size, polygon) => {
      const filled = onImage(
        fillPolygon(
          polygon.map((ring) => ring.flat()),
          size,
        ),
        size,
      )
      const wrong: number[] = []
      filled.pixels.forEach((pixel, at) => {
        const [x, y] = [at % size.widthPx, Math.floor(at / size.widthPx)]
        // On a line between sixteenths rounding decides; the other centres are clear.
        const nudged = [-1e-9, 1e-9].map((by) => isInside(x + by, y, polygon))
        if (nudged[0] === nudged[1] && (pixel === 1) !== nudged[0]) wrong.push(at)
      })
      expect(wrong).toEqual([])
    }),
  )
})

test('two polygons with a side in common share no pixel and leave none out', () => {
  const size = { widthPx: 16, heightPx: 16 }
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 60 }), fc.integer({ min: 0, max: 60 }), (top, bottom) => {
      const [a, b] = [top / 4, bottom / 4]
      const left = fillPolygon([[-1, -1, a, -1, b, 16, -1, 16]], size)
      const right = fillPolygon([[a, -1, 20, -1, 20, 16, b, 16]], size)
      const [one, other] = [onImage(left, size).pixels, onImage(right, size).pixels]
      expect(one.every((pixel, at) => pixel + (other[at] ?? 0) === 1)).toBe(true)
    }),
  )
})

test('the outline of a mask, filled, is the mask: islands, holes and pixels at the edge included', () => {
  fc.assert(
    fc.property(masks, (mask) => {
      expect(pictureOf(onImage(fillPolygon(outlineOf(mask), mask), mask))).toEqual(pictureOf(mask))
    }),
  )
})

test('a polygon and its pixels differ in area by less than the pixels that its line passes', () => {
  const size = { widthPx: 120, heightPx: 120 }
  for (let shape = 0; shape < 40; shape += 1) {
    const draws = uniforms(7, shape, 2, 24)
    const ring = Array.from({ length: 12 }, (_, at) => {
      const reach = 15 + 40 * (draws[at] ?? 0)
      const angle = (at * Math.PI) / 6
      return [60 + reach * Math.cos(angle) + (draws[12 + at] ?? 0), 60 + reach * Math.sin(angle)]
    }).flat()
    const area = Math.abs(signedArea(Float32Array.from(ring)))
    const mask = onImage(fillPolygon([ring], size), size)
    const passed = new Set<string>()
    ring.forEach((x, at) => {
      if (at % 2 === 1) return
      const [y, u, v] = [ring[at + 1] ?? 0, ring[(at + 2) % 24] ?? 0, ring[(at + 3) % 24] ?? 0]
      for (let share = 0; share < 1; share += 1 / 512)
        passed.add(`${Math.round(x + share * (u - x))} ${Math.round(y + share * (v - y))}`)
    })
    expect(Math.abs(countOf(mask) - area)).toBeLessThan(passed.size)
    // What is seen in practice: the errors cancel to a tenth of that.
    expect(Math.abs(countOf(mask) - area) / area).toBeLessThan(0.02)
    const back = outlineOf(mask).reduce((sum, outline) => sum + signedArea(outline), 0)
    expect(Math.abs(back - countOf(mask))).toBeLessThan(passed.size / 8)
  }
})

test('a flood takes the values of the range that hang together by sides, within its limit, and no others', () => {
  fc.assert(
    fc.property(
      sizes(14).chain((size) => slicesOf(size, 3)),
      fc.nat(200),
      fc.integer({ min: 0, max: 3 }),
      (slice, which, low) => {
        const { widthPx, heightPx, values } = slice
        const start = which % (widthPx * heightPx)
        const at = { column: start % widthPx, row: Math.floor(start / widthPx) }
        const range = { low, high: 2 }
        const limit = { column: 1, row: 0, widthPx: widthPx - 1, heightPx }
        const isIn = values.map((value, index) =>
          value >= low && value <= 2 && index % widthPx >= 1 ? 1 : 0,
        )
        const { labels } = labelPieces({ widthPx, heightPx, pixels: Uint8Array.from(isIn) })
        const label = labels[start] ?? 0
        expect([...onImage(floodFill(slice, at, range, limit), slice).pixels]).toEqual(
          [...labels].map((other) => (label !== 0 && other === label ? 1 : 0)),
        )
      },
    ),
  )
})

test('filling hole by hole is filling all holes, and a filled mask has none', () => {
  fc.assert(
    fc.property(masks, (mask) => {
      const filled = fillHoles(mask)
      expect(differsOnlyWithin(mask, filled.mask, filled.box)).toBe(true)
      expect(pictureOf(fillHoles(filled.mask).mask)).toEqual(pictureOf(filled.mask))
      let each = mask
      mask.pixels.forEach((_, at) => {
        const place = { column: at % mask.widthPx, row: Math.floor(at / mask.widthPx) }
        const hole = holeAt(each, place)
        if (hole !== null) each = combine(each, hole, 'add').mask
      })
      expect(pictureOf(each)).toEqual(pictureOf(filled.mask))
    }),
  )
})

test('kept in one piece, a stroke never leaves more pieces than there were, and adds nothing itself', () => {
  fc.assert(
    fc.property(pairs, ([before, after]) => {
      const { mask, box } = keepInOnePiece(before, after)
      const count = (of: Mask): number => labelPieces(of).sizesPx.length - 1
      expect(count(mask)).toBeLessThanOrEqual(Math.max(1, count(before)))
      expect(mask.pixels.every((pixel, at) => pixel <= (after.pixels[at] ?? 0))).toBe(true)
      expect(differsOnlyWithin(after, mask, box)).toBe(true)
      if (countOf(after) > 0 && countOf(before) === 0) expect(countOf(mask)).toBeGreaterThan(0)
    }),
  )
})

test('kept in one piece: crumbs of a cut and islands of a stroke go, other pieces stay', () => {
  const before = drawn('######..##', '######..##', '######....')
  const after = drawn('##.###..##', '##.###..##', '##.###.#..')
  expect(pictureOf(keepInOnePiece(before, after).mask)).toEqual(
    pictureOf(drawn('...###..##', '...###..##', '...###....')),
  )
  const blank = drawn('.......', '.......')
  expect(pictureOf(keepInOnePiece(blank, drawn('#..##.#', '#..##..')).mask)).toEqual(
    pictureOf(drawn('...##..', '...##..')),
  )
})

test('a nudge and back is the mask where nothing left the image; a copy is the slice it was made of', () => {
  fc.assert(
    fc.property(
      pairs,
      fc.integer({ min: -9, max: 9 }),
      fc.integer({ min: -9, max: 9 }),
      ([mask, other], x, y) => {
        const moved = nudge(mask, x, y)
        const expected = mask.pixels.map((_, at) => {
          const [column, row] = [(at % mask.widthPx) - x, Math.floor(at / mask.widthPx) - y]
          const isOn = column >= 0 && row >= 0 && column < mask.widthPx && row < mask.heightPx
          return isOn ? (mask.pixels[row * mask.widthPx + column] ?? 0) : 0
        })
        expect(moved.mask.pixels).toEqual(expected)
        expect(differsOnlyWithin(mask, moved.mask, moved.box)).toBe(true)
        const copy = copySlice(mask, other, 'replace')
        expect(copy.mask).toEqual(mask)
        expect(differsOnlyWithin(other, copy.mask, copy.box)).toBe(true)
        const both = copySlice(mask, other, 'add')
        expect(both.mask.pixels).toEqual(mask.pixels.map((pixel, at) => pixel | (other.pixels[at] ?? 0)))
      },
    ),
  )
})

const python = runPython()

test.skipIf(python === null)('SciPy and scikit-image fill, label and paint the same pixels', () => {
  const size = { widthPx: 40, heightPx: 30 }
  const noise = Array.from({ length: 6 }, (_, index) =>
    Uint8Array.from(uniforms(9, index, 2, 1200), (draw) => (draw < 0.35 + index * 0.06 ? 1 : 0)),
  )
  // Vertices off the pixel centres, and no side through one: there programs differ in what lies on the line.
  const polygons = Array.from({ length: 6 }, (_, index) =>
    [...uniforms(10, index, 2, 14)].map((draw, at) => draw * (at % 2 === 0 ? 45 : 34) - 2.5),
  )
  const answer = python?.(
    `import json, sys
import numpy as np
from scipy import ndimage
from skimage.measure import label
from skimage.draw import polygon2mask
asked = json.load(sys.stdin)
masks = [np.array(m).reshape(30, 40) for m in asked["masks"]]
print(json.dumps({
  "filled": [ndimage.binary_fill_holes(m).astype(int).ravel().tolist() for m in masks],
  "pieces": [int(label(m, connectivity=1).max()) for m in masks],
  "polygons": [polygon2mask((30, 40), np.array(p).reshape(-1, 2)[:, ::-1]).astype(int).ravel().tolist() for p in asked["polygons"]],
}))`,
    JSON.stringify({ masks: noise.map((pixels) => [...pixels]), polygons }),
  )
  const expected = JSON.parse(answer ?? '') as {
    readonly filled: readonly number[][]
    readonly pieces: readonly number[]
    readonly polygons: readonly number[][]
  }
  noise.forEach((pixels, index) => {
    const mask = { ...size, pixels }
    expect([...fillHoles(mask).mask.pixels]).toEqual(expected.filled[index])
    expect(labelPieces(mask).sizesPx.length - 1).toBe(expected.pieces[index])
  })
  polygons.forEach((polygon, index) => {
    expect([...onImage(fillPolygon([polygon], size), size).pixels]).toEqual(expected.polygons[index])
  })
})
