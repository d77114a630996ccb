import { expect, it } from 'vitest'
import { cividis } from '../../../../core/image/data-colours'
import { varianceColours } from './variance-map'

const pixel = (colours: Uint8ClampedArray, index: number): number[] => [
  ...colours.slice(index * 4, index * 4 + 4),
]

it('is clear where all samples agree and full where half of them draw', () => {
  const colours = varianceColours({
    counts: new Uint16Array([0, 100, 50, 1]),
    sampleCount: 100,
    fieldOfView: null,
  })
  expect(pixel(colours, 0)).toEqual([0, 0, 0, 0])
  expect(pixel(colours, 1)).toEqual([0, 0, 0, 0])
  expect(pixel(colours, 2)).toEqual([...cividis(1).map(Math.round), 255])
  // p = 0.01: variance 0.0099 of at most 0.25.
  expect(pixel(colours, 3)).toEqual([...cividis(0.0099 / 0.25).map(Math.round), 255])
})

it('has one scale whatever the image: the largest variance present is not stretched to the end', () => {
  const colours = varianceColours({ counts: new Uint16Array([10, 0]), sampleCount: 100, fieldOfView: null })
  expect(pixel(colours, 0)).toEqual([...cividis(0.09 / 0.25).map(Math.round), 255])
})

it('says nothing outside the field of view', () => {
  const colours = varianceColours({
    counts: new Uint16Array([50, 50]),
    sampleCount: 100,
    fieldOfView: new Uint8Array([0, 1]),
  })
  expect(pixel(colours, 0)).toEqual([0, 0, 0, 0])
  expect(pixel(colours, 1)[3]).toBe(255)
})
