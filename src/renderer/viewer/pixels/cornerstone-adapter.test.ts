// @vitest-environment happy-dom
import cornerstone from 'cornerstone-core'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { canvasMap, pictureShape, toCanvas } from '../camera'
import { cornerstoneViewport, linearWindow } from './cornerstone-adapter'
import { voiTable } from './voi-table'

describe('our camera and cornerstone', () => {
  it('place every pixel centre at the same device pixel', () => {
    fc.assert(
      fc.property(
        fc.record({
          zoom: fc.double({ min: 0.1, max: 30, noNaN: true }),
          column: fc.double({ min: -5, max: 600, noNaN: true }),
          row: fc.double({ min: -5, max: 600, noNaN: true }),
          ratio: fc.constantFrom(1, 1.25, 1.5, 2),
          rowMm: fc.double({ min: 0.3, max: 3, noNaN: true }),
          columnMm: fc.double({ min: 0.3, max: 3, noNaN: true }),
          isMirrored: fc.boolean(),
          quarters: fc.constantFrom(0, 1, 2, 3),
        }),
        ({ zoom, column, row, ratio, rowMm, columnMm, isMirrored, quarters }) => {
          const mm = { row: rowMm, column: columnMm }
          const shape = pictureShape(512, 400, mm, { isMirrored, quarters })
          const size = { width: 800, height: 600 }
          const camera = { zoom, centre: { column: 200, row: 180 } }
          const view = { camera, window: { centre: 0, width: 2 }, inverted: false }
          const transform = cornerstone.internal.calculateTransform({
            canvas: { width: size.width * ratio, height: size.height * ratio },
            image: {
              width: 512,
              height: 400,
              columns: 512,
              rows: 400,
              rowPixelSpacing: shape.pixelHeight,
              columnPixelSpacing: shape.pixelWidth,
            },
            viewport: cornerstoneViewport(view, shape, ratio),
          })
          // Cornerstone's (0, 0) is the corner of the first pixel, ours its centre.
          const theirs = transform.transformPoint(column + 0.5, row + 0.5)
          const ours = toCanvas(canvasMap(camera, shape, size), { column, row })
          expect(theirs.x).toBeCloseTo(ours.x * ratio, 6)
          expect(theirs.y).toBeCloseTo(ours.y * ratio, 6)
        },
      ),
    )
  })
})

/** PS3.3 C.11.2.1.2.1, function LINEAR, output 0…255. */
function dicomLinear(value: number, centre: number, width: number): number {
  if (value <= centre - 0.5 - (width - 1) / 2) return 0
  if (value > centre - 0.5 + (width - 1) / 2) return 255
  return ((value - (centre - 0.5)) / (width - 1) + 0.5) * 255
}

describe('the window', () => {
  it("is DICOM's LINEAR through cornerstone's formula", () => {
    for (const [centre, width] of [
      [-600, 1500],
      [40, 400],
      [128, 256],
      [10, 1],
    ] as const) {
      const { windowCenter, windowWidth } = linearWindow({ centre, width })
      for (let value = -1400; value <= 600; value += 1) {
        // cornerstone-core 2.6.1, generateLinearVOILUT, then clamped by a Uint8ClampedArray.
        const theirs = ((value - windowCenter) / windowWidth + 0.5) * 255
        expect(Math.min(255, Math.max(0, theirs))).toBeCloseTo(dicomLinear(value, centre, width), 9)
      }
    }
  })
})

describe('a window that is no straight line', () => {
  it('becomes a table over the stored values that cornerstone reads as it is meant', () => {
    const paintable = {
      pixels: new Int16Array(),
      colour: false,
      slope: -0.5,
      intercept: 100,
      minStored: -3,
      maxStored: 4000,
    }
    const window = { centre: -900, width: 500, curve: { kind: 'sigmoid' } } as const
    const table = voiTable(window, paintable)
    const image = { minPixelValue: -3, maxPixelValue: 4000, slope: 1, intercept: 0, cachedLut: undefined }
    const lut = cornerstone.internal.generateLut(image, 1, 1, false, undefined, table)
    for (let stored = -3; stored <= 4000; stored += 1) {
      const value = -0.5 * stored + 100
      // PS3.3 C.11.2.1.3.1, output 0…255; cornerstone's table starts at the smaller of 0 and the least value.
      const expected = 255 / (1 + Math.exp((-4 * (value + 900)) / 500))
      expect(Math.abs((lut[stored + 3] ?? Number.NaN) - expected)).toBeLessThanOrEqual(0.5 + 1e-9)
    }
  })
})
