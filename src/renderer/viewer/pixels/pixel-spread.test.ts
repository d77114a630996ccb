import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { RunOverlay } from '../worker/overlay-types'
import { gridIndexAt, readingAt, readingSentence, spreadAt, spreadOf, widestSpread } from './pixel-spread'
import type { ViewportPicture } from '../viewport-types'

const grid = { widthPx: 3, heightPx: 2, originColumn: 10, originRow: 20, columnStep: 2, rowStep: 4 }
const overlay: RunOverlay = {
  grid,
  sampleCount: 100,
  emptyCount: 0,
  outlines: [],
  order: [],
  medianIndex: null,
  bands: [],
  counts: new Uint16Array([0, 70, 100, 50, 0, 0]),
  informationBits: null,
  envelope: null,
  outliers: [],
  fieldOfView: new Uint8Array([1, 1, 1, 0, 1, 1]),
}

describe('spread', () => {
  it('is p (1 - p): none where all agree, a quarter at half and half', () => {
    expect(spreadOf(70, 100)).toEqual({
      inside: 70,
      count: 100,
      variance: expect.closeTo(0.21, 12) as number,
    })
    expect(spreadOf(50, 100).variance).toBe(0.25)
    expect(spreadOf(0, 100).variance).toBe(0)
    expect(spreadOf(100, 100).variance).toBe(0)
  })

  it('never leaves 0…0.25', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1000 }), fc.nat(1000), (count, inside) => {
        const { variance } = spreadOf(Math.min(inside, count), count)
        expect(variance).toBeGreaterThanOrEqual(0)
        expect(variance).toBeLessThanOrEqual(0.25)
      }),
    )
  })

  it('is that of the grid pixel that covers the point', () => {
    // Grid pixel (1, 0) is centred on image (12, 20) and covers columns 11…13 and rows 18…22.
    expect(spreadAt(overlay, { column: 12.9, row: 21.9 })?.inside).toBe(70)
    expect(spreadAt(overlay, { column: 13.1, row: 20 })?.inside).toBe(100)
  })

  it('is unknown outside the grid and outside the field of view', () => {
    expect(spreadAt(overlay, { column: 8.9, row: 20 })).toBeNull()
    expect(spreadAt(overlay, { column: 10, row: 24 })).toBeNull()
    expect(spreadAt({ ...overlay, sampleCount: 0 }, { column: 12, row: 20 })).toBeNull()
  })

  it('finds grid pixels at their own centres', () => {
    for (let row = 0; row < 2; row += 1) {
      for (let column = 0; column < 3; column += 1) {
        expect(gridIndexAt(grid, { column: 10 + 2 * column, row: 20 + 4 * row })).toBe(row * 3 + column)
      }
    }
  })
})

const description = {
  widthPx: 2,
  heightPx: 2,
  type: 'int16',
  slope: 2,
  intercept: -1000,
  unit: 'HU',
  minStored: -5,
  maxStored: 500,
  paddingStored: null,
  warnings: [],
} as const
const grey: ViewportPicture = {
  key: 's 1',
  subjectKey: 's',
  subjectKind: 'series',
  description: { ...description, warnings: [] },
  pixels: new Int16Array([0, 10, -5, 500]),
  pixelSpacingMm: null,
}

describe('what lies under the cursor', () => {
  it('is the rescaled value of the pixel whose centre is nearest', () => {
    expect(readingAt(grey, null, { column: 0.6, row: 0.4 })).toEqual({
      column: 1,
      row: 0,
      value: -980,
      unit: 'HU',
      rgb: null,
      samples: null,
    })
  })

  it('is nothing outside the picture', () => {
    expect(readingAt(grey, null, { column: -0.6, row: 0 })).toBeNull()
    expect(readingAt(grey, null, { column: 0, row: 1.6 })).toBeNull()
  })

  it('is the three stored values of a photograph', () => {
    const photograph: ViewportPicture = {
      ...grey,
      subjectKind: 'image',
      description: { ...description, type: 'rgb8', warnings: [] },
      pixels: new Uint8Array([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]),
    }
    expect(readingAt(photograph, null, { column: 1, row: 1 })?.rgb).toEqual([10, 11, 12])
  })

  it('is said in words, with a true minus', () => {
    const reading = readingAt(grey, null, { column: 0, row: 1 })
    expect(reading && readingSentence({ ...reading, samples: spreadOf(70, 100) })).toBe(
      'HU \u22121010, column 0, row 1, in 70 of 100 samples',
    )
  })
})

it('the inset opens where the samples differ most', () => {
  const wide = { widthPx: 64, heightPx: 48, originColumn: 0, originRow: 0, columnStep: 2, rowStep: 2 }
  const counts = new Uint16Array(64 * 48).fill(100)
  // Half and half around grid pixel (40, 20): the block of columns 32…47 and rows 16…31.
  for (let column = 36; column < 44; column += 1) counts[20 * 64 + column] = 50
  expect(widestSpread({ ...overlay, grid: wide, counts })).toEqual({ column: 80, row: 48 })
})

it('the inset opens amid the field of view although its rim differs more', () => {
  const size = 16 * 12
  const whole = {
    ...grid,
    widthPx: size,
    heightPx: size,
    originColumn: 0,
    originRow: 0,
    columnStep: 1,
    rowStep: 1,
  }
  const counts = new Uint16Array(size * size)
  const fieldOfView = new Uint8Array(size * size)
  for (let row = 0; row < size; row += 1)
    for (let column = 0; column < size; column += 1) {
      const distance = Math.hypot(column - size / 2, row - size / 2)
      if (distance < 90) fieldOfView[row * size + column] = 1
      if (distance > 86 && distance < 90) counts[row * size + column] = 50
    }
  for (let column = 100; column < 108; column += 1) counts[72 * size + column] = 50
  expect(widestSpread({ ...overlay, grid: whole, counts, fieldOfView })).toEqual({ column: 104, row: 72 })
})
