import { expect, it } from 'vitest'
import { cividis } from '../../../../core/image/data-colours'
import { mapColours } from './sample-map'

type Given = Omit<Parameters<typeof mapColours>[0], 'informationBits'>
const variance = (given: Given): Uint8ClampedArray =>
  mapColours({ ...given, informationBits: null }, { mapOf: 'variance', mapFrom: 0 })

const pixel = (colours: Uint8ClampedArray, index: number): number[] => [
  ...colours.slice(index * 4, index * 4 + 4),
]

it('is clear where all samples agree and full where half of them draw', () => {
  const colours = variance({
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
  const colours = variance({ counts: new Uint16Array([10, 0]), sampleCount: 100, fieldOfView: null })
  expect(pixel(colours, 0)).toEqual([...cividis(0.09 / 0.25).map(Math.round), 255])
})

it('says nothing outside the field of view', () => {
  const colours = variance({
    counts: new Uint16Array([50, 50]),
    sampleCount: 100,
    fieldOfView: new Uint8Array([0, 1]),
  })
  expect(pixel(colours, 0)).toEqual([0, 0, 0, 0])
  expect(pixel(colours, 1)[3]).toBe(255)
})

const half = { counts: new Uint16Array([0, 25, 50, 100]), sampleCount: 100, fieldOfView: null }

it('of shares is full where every sample draws, of entropy where half of them do', () => {
  const of = (mapOf: 'share' | 'entropy') =>
    mapColours({ ...half, informationBits: null }, { mapOf, mapFrom: 0 })
  expect([0, 3].map((at) => pixel(of('share'), at))).toEqual([
    [0, 0, 0, 0],
    [...cividis(1).map(Math.round), 255],
  ])
  expect([2, 3].map((at) => pixel(of('entropy'), at))).toEqual([
    [...cividis(1).map(Math.round), 255],
    [0, 0, 0, 0],
  ])
})

it('is clear below its threshold, and the scale stays', () => {
  const all = mapColours({ ...half, informationBits: null }, { mapOf: 'share', mapFrom: 0 })
  const from = mapColours({ ...half, informationBits: null }, { mapOf: 'share', mapFrom: 0.5 })
  expect(pixel(all, 1)[3]).toBe(255)
  expect(pixel(from, 1)).toEqual([0, 0, 0, 0])
  expect(pixel(from, 2)).toEqual(pixel(all, 2))
})

it('of mutual information is clear up to 0.01 bit, and all clear before there is any', () => {
  const informationBits = Float32Array.of(0, 0.01, 0.5, 1)
  const choice = { mapOf: 'information', mapFrom: 0 } as const
  const map = mapColours({ ...half, informationBits }, choice)
  expect([0, 1, 2, 3].map((at) => pixel(map, at)[3])).toEqual([0, 0, 255, 255])
  expect(pixel(map, 2)).toEqual([...cividis(0.5).map(Math.round), 255])
  expect(mapColours({ ...half, informationBits: null }, choice).every((value) => value === 0)).toBe(true)
})
