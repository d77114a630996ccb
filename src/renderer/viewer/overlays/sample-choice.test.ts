import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { RunOverlay } from '../worker/overlay-types'
import { drawnOutlines, medianOutline, thinByDepth } from './sample-choice'

describe('thinByDepth', () => {
  it('keeps all when there are few enough', () => {
    expect(thinByDepth([3, 1, 2], 60)).toEqual([3, 1, 2])
  })

  it('takes the deepest, the outermost and evenly between', () => {
    const order = Array.from({ length: 100 }, (_, place) => place)
    // Steps of 99 / 4 = 24.75, rounded.
    expect(thinByDepth(order, 5)).toEqual([0, 25, 50, 74, 99])
  })

  it('never takes one twice, and its gaps differ by at most one', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 300 }), fc.integer({ min: 2, max: 80 }), (count, limit) => {
        const chosen = thinByDepth(
          Array.from({ length: count }, (_, place) => place),
          limit,
        )
        expect(chosen).toHaveLength(Math.min(count, limit))
        expect(chosen[0]).toBe(0)
        expect(chosen.at(-1)).toBe(count - 1)
        const gaps = chosen.slice(1).map((place, index) => place - (chosen[index] ?? 0))
        expect(Math.min(...gaps)).toBeGreaterThan(0)
        expect(Math.max(...gaps) - Math.min(...gaps)).toBeLessThanOrEqual(1)
      }),
    )
  })
})

const ring = new Float32Array([0, 0, 1, 0, 1, 1])
const overlay: RunOverlay = {
  grid: { widthPx: 2, heightPx: 2, originColumn: 0, originRow: 0, columnStep: 1, rowStep: 1 },
  sampleCount: 3,
  emptyCount: 1,
  outlines: [
    { sampleIndex: 0, rings: [ring] },
    { sampleIndex: 1, rings: [] },
    { sampleIndex: 2, rings: [ring] },
  ],
  order: [2, 0, 1],
  medianIndex: 2,
  bands: [],
  counts: new Uint16Array(4),
  informationBits: null,
  envelope: null,
  outliers: [],
  fieldOfView: null,
}

it('draws outermost samples first and leaves empty ones out', () => {
  expect(drawnOutlines(overlay, 60).map((outline) => outline.sampleIndex)).toEqual([0, 2])
})

it('the median is one of the samples, and none when all are empty', () => {
  expect(medianOutline(overlay)?.sampleIndex).toBe(2)
  expect(medianOutline({ ...overlay, medianIndex: null })).toBeNull()
})
