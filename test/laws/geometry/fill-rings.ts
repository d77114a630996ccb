/** Rings back to pixels and areas, to test outlines by. */
import type { Ring } from '../../../src/core/contour/trace'
import type { Mask } from '../../../src/core/image/mask'

/**
 * Pixels whose centre lies inside the rings by the even-odd rule, whatever their order and direction; rings in
 * pixel-centre coordinates, what lies outside the grid is dropped.
 */
export function rasterise(rings: readonly Ring[], widthPx: number, heightPx: number): Mask {
  const pixels = new Uint8Array(widthPx * heightPx)
  for (const ring of rings) {
    let lastX = ring[ring.length - 2] ?? 0
    let lastY = ring[ring.length - 1] ?? 0
    for (let at = 0; at < ring.length; at += 2) {
      const x = ring[at] ?? 0
      const y = ring[at + 1] ?? 0
      if (lastY < y) toggleRightOf(pixels, widthPx, heightPx, lastX, lastY, x, y)
      else toggleRightOf(pixels, widthPx, heightPx, x, y, lastX, lastY)
      lastX = x
      lastY = y
    }
  }
  for (let row = 0; row < heightPx; row += 1) {
    let inside = 0
    for (let at = row * widthPx; at < (row + 1) * widthPx; at += 1) {
      inside ^= pixels[at] ?? 0
      pixels[at] = inside
    }
  }
  return { widthPx, heightPx, pixels }
}

/** Marks, in each row that an edge going down passes (its lower end left out), the first pixel at or right of it. */
function toggleRightOf(
  pixels: Uint8Array,
  widthPx: number,
  heightPx: number,
  topX: number,
  topY: number,
  bottomX: number,
  bottomY: number,
): void {
  const slope = (bottomX - topX) / (bottomY - topY)
  for (let row = Math.max(0, Math.ceil(topY)); row < bottomY && row < heightPx; row += 1) {
    const column = Math.max(0, Math.ceil(topX + (row - topY) * slope))
    if (column < widthPx) pixels[row * widthPx + column] = (pixels[row * widthPx + column] ?? 0) ^ 1
  }
}

/** Area inside a ring in squared units of its coordinates: positive for outer rings, negative for holes (trace.ts). */
export function signedArea(ring: Ring): number {
  let twice = 0
  let lastX = ring[ring.length - 2] ?? 0
  let lastY = ring[ring.length - 1] ?? 0
  for (let at = 0; at < ring.length; at += 2) {
    const x = ring[at] ?? 0
    const y = ring[at + 1] ?? 0
    twice += lastX * y - x * lastY
    lastX = x
    lastY = y
  }
  return twice / 2
}
