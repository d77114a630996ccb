import { expect, it } from 'vitest'
import { paintablePixels } from './picture-pixels'
import { rgbDescription } from '../../../core/image/slice-body'
import type { ViewportPicture } from '../viewport-types'

const description = rgbDescription({ widthPx: 2, heightPx: 1 }, [])
const photograph: ViewportPicture = {
  key: 'p',
  subjectKey: 'p',
  subjectKind: 'image',
  description,
  pixels: new Uint8Array([1, 2, 3, 40, 50, 60]),
  pixelSpacingMm: null,
}

it('a photograph is painted as stored, one channel as grey', () => {
  expect([...paintablePixels(photograph, 'colour').pixels]).toEqual([1, 2, 3, 255, 40, 50, 60, 255])
  expect([...paintablePixels(photograph, 'green').pixels]).toEqual([2, 2, 2, 255, 50, 50, 50, 255])
  expect([...paintablePixels(photograph, 'red').pixels]).toEqual([1, 1, 1, 255, 40, 40, 40, 255])
})

it('int16 goes through untouched', () => {
  const pixels = new Int16Array([-1000, 200])
  const slice: ViewportPicture = {
    ...photograph,
    subjectKind: 'series',
    description: { ...description, type: 'int16', minStored: -1000, maxStored: 200 },
    pixels,
  }
  expect(paintablePixels(slice, 'colour')).toEqual({
    pixels,
    colour: false,
    slope: 1,
    intercept: 0,
    minStored: -1000,
    maxStored: 200,
  })
})

it('floats keep their values within a step of their range', () => {
  const pixels = new Float32Array([-0.25, 0.5])
  const slice: ViewportPicture = {
    ...photograph,
    subjectKind: 'series',
    description: {
      ...description,
      type: 'float32',
      slope: 3,
      intercept: 7,
      minStored: -0.25,
      maxStored: 0.5,
      warnings: [],
    },
    pixels,
  }
  const painted = paintablePixels(slice, 'colour')
  const step = (3 * 0.75) / 65535
  painted.pixels.forEach((stored, index) => {
    const value = painted.slope * stored + painted.intercept
    expect(Math.abs(value - (3 * (pixels[index] ?? 0) + 7))).toBeLessThanOrEqual(step)
  })
  expect(painted.minStored).toBe(-32768)
  expect(painted.maxStored).toBe(32767)
})
