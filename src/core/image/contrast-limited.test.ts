import { expect, test } from 'vitest'
import { contrastLimited } from './contrast-limited'

const picture = (widthPx: number, heightPx: number, level: (column: number, row: number) => number) =>
  Uint8Array.from({ length: widthPx * heightPx }, (_unused, at) =>
    level(at % widthPx, Math.floor(at / widthPx)),
  )

test('an even grey stays what it is, near enough: there is no contrast to raise', () => {
  for (const grey of [0, 7, 128, 255]) {
    const shown = contrastLimited(
      picture(64, 48, () => grey),
      64,
      48,
    )
    expect(new Set(shown).size).toBe(1)
    // Below it lie its own share, cut at two steps, and one step of what was cut and spread over all levels.
    expect(Math.abs((shown[0] ?? 0) - grey)).toBeLessThanOrEqual(3)
  }
})

test('faint vessels stand out, and no grey changes its place with another by more than the limit allows', () => {
  const faint = picture(160, 160, (column) => (column % 10 === 0 ? 100 : 110) + (column % 3))
  const shown = contrastLimited(faint, 160, 160)
  const [vessel = 0, beside = 0] = [shown[80 * 160 + 80], shown[80 * 160 + 85]]
  expect(beside - vessel).toBeGreaterThan(10)
  // The steepest scale has the slope of the cut peaks and of what was cut: below 2 + 1.
  expect(beside - vessel).toBeLessThanOrEqual(3 * 12)
})

test('where all levels are alike often in each tile, nothing changes', () => {
  const even = picture(256, 256, (column, row) => (8 * (column % 32) + (row % 8) * 1) % 256)
  const shown = contrastLimited(even, 256, 256)
  const off = Math.max(...even.map((level, at) => Math.abs(level - (shown[at] ?? 0))))
  expect(off).toBeLessThanOrEqual(1)
})

test('there are no edges where tiles meet: a smooth picture stays smooth', () => {
  const smooth = picture(200, 200, (column, row) =>
    Math.round(100 + 40 * Math.sin(column / 40) * Math.sin(row / 50)),
  )
  const shown = contrastLimited(smooth, 200, 200)
  for (let at = 1; at < shown.length; at += 1)
    if (at % 200 !== 0) expect(Math.abs((shown[at] ?? 0) - (shown[at - 1] ?? 0))).toBeLessThanOrEqual(8)
})

test.each([
  [1, 1],
  [3, 5],
  [9, 1],
])('%d × %d pixels are a picture too', (width, height) => {
  expect(
    contrastLimited(
      picture(width, height, (column) => column * 20),
      width,
      height,
    ),
  ).toHaveLength(width * height)
})
