import { describe, expect, it } from 'vitest'
import { sliceReport } from '../measures/slice-report'
import { withoutSpread } from './one-outline'

const pixels = Uint8Array.from({ length: 64 }, (_, at) =>
  at % 8 > 1 && at % 8 < 5 && at > 15 && at < 40 ? 1 : 0,
)
const grid = { widthPx: 8, heightPx: 8, originColumn: 0, originRow: 0, columnStep: 1, rowStep: 1 }
const reader = {
  widthPx: 8,
  heightPx: 8,
  pixels: Uint8Array.from(pixels, (pixel, at) => (at < 24 ? 0 : pixel)),
}
const report = sliceReport({
  masks: [{ widthPx: 8, heightPx: 8, pixels }],
  grid,
  pixelSpacingMm: { row: 0.5, column: 0.5 },
  fieldOfView: null,
  readers: [{ readingId: 'a', letter: 'A', placed: { originColumn: 0, originRow: 0, mask: reader } }],
  sopInstanceUid: null,
  sliceIndex: 0,
  warnings: [],
})

describe('the report on one outline', () => {
  it('gives its sizes alone, without an interval', () => {
    // Three by three pixels of 0.25 mm².
    expect(withoutSpread(report).sizes.areaMm2).toEqual({
      median: 2.25,
      low95: null,
      high95: null,
      interval: 'none',
      values: [2.25],
    })
  })

  it('keeps the comparison with readers: one outline has no distance to itself', () => {
    const { agreement } = withoutSpread(report)
    // Six of nine pixels shared: IoU 6/9, so GED = 2 · 3/9 − 0 − 0; Dice 12/15.
    expect(agreement?.ged).toBeCloseTo(2 / 3, 12)
    expect(agreement?.sampleSample).toBe(0)
    expect(agreement?.gedLow95).toBeNull()
    expect(agreement?.readers[0]?.dice).toEqual({ median: 0.8, low95: null, high95: null })
  })
})
