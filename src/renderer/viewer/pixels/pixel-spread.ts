import type { Grid } from '../../../contract'
import type { RunOverlay } from '../worker/overlay-types'
import { pixelSpread } from '../../../core/uncertainty/moments'
import type { MapMeasure, PixelSpread, ProbeReading, ViewportPicture } from '../viewport-types'
import type { ImagePoint } from '../../../core/geometry/image-point'

/** Index of the grid pixel that covers an image point, row-major; null outside the grid. */
export function gridIndexAt(grid: Grid, point: ImagePoint): number | null {
  const column = Math.round((point.column - grid.originColumn) / grid.columnStep)
  const row = Math.round((point.row - grid.originRow) / grid.rowStep)
  if (column < 0 || row < 0 || column >= grid.widthPx || row >= grid.heightPx) return null
  return row * grid.widthPx + column
}

/** Share p of the samples that draw a pixel, and p (1 - p): 0 where all agree, at most 0.25. */
export function spreadOf(inside: number, count: number): PixelSpread {
  const share = count === 0 ? 0 : inside / count
  return { inside, count, variance: share * (1 - share) }
}

/**
 * What the samples say at an image point, bits where `shownMap` is of bits; null outside the grid or the field of view,
 * and before the first sample.
 */
export function spreadAt(
  overlay: RunOverlay,
  point: ImagePoint,
  shownMap: MapMeasure | null = null,
): PixelSpread | null {
  const index = gridIndexAt(overlay.grid, point)
  if (index === null || overlay.sampleCount === 0) return null
  if (overlay.fieldOfView?.[index] === 0) return null
  const inside = overlay.counts[index]
  if (inside === undefined) return null
  const spread = spreadOf(inside, overlay.sampleCount)
  if (shownMap !== 'entropy' && shownMap !== 'information') return spread
  const value =
    shownMap === 'entropy'
      ? pixelSpread(inside, overlay.sampleCount).entropyBits
      : overlay.informationBits?.[index]
  return value === undefined ? spread : { ...spread, bits: { of: shownMap, value } }
}

/** The pixel under an image point and what is known of it; null outside the picture. */
export function readingAt(
  picture: ViewportPicture,
  overlay: RunOverlay | null,
  point: ImagePoint,
  shownMap: MapMeasure | null = null,
): ProbeReading | null {
  const { widthPx, heightPx, slope, intercept, unit } = picture.description
  const column = Math.round(point.column)
  const row = Math.round(point.row)
  if (column < 0 || row < 0 || column >= widthPx || row >= heightPx) return null
  const place = row * widthPx + column
  const samples = overlay === null ? null : spreadAt(overlay, { column, row }, shownMap)
  if (picture.description.type === 'rgb8') {
    const part = (offset: number): number => picture.pixels[place * 3 + offset] ?? 0
    return { column, row, value: null, unit: '', rgb: [part(0), part(1), part(2)], samples }
  }
  const stored = picture.pixels[place]
  const value = stored === undefined ? null : slope * stored + intercept
  return { column, row, value, unit, rgb: null, samples }
}

/** The reading in words, for the screen reader: "HU 95, column 318, row 366, in 70 of 100 samples". */
export function readingSentence(reading: ProbeReading): string {
  const parts: string[] = []
  if (reading.value !== null) {
    parts.push(`${reading.unit} ${reading.value.toFixed(0)}`.trim().replace('-', '\u2212'))
  }
  if (reading.rgb !== null) {
    parts.push(`red ${reading.rgb[0]}, green ${reading.rgb[1]}, blue ${reading.rgb[2]}`)
  }
  parts.push(`column ${reading.column}`, `row ${reading.row}`)
  if (reading.samples?.count === 1) {
    parts.push(`${reading.samples.inside === 1 ? 'inside' : 'outside'} the outline`)
  } else if (reading.samples !== null) {
    parts.push(`in ${reading.samples.inside} of ${reading.samples.count} samples`)
  }
  return parts.join(', ')
}

/** Side of the blocks in which the spread is summed, in grid pixels. */
const BLOCK_PX = 16

/**
 * Middle of the block of the grid where the samples differ most, in image coordinates: where the inset opens. Blocks
 * at the rim of the field of view come last, where the camera's edge, not a vessel, is what differs; so does the
 * lower right, which the inset itself covers.
 */
export function widestSpread(overlay: RunOverlay): ImagePoint {
  const { grid, counts, sampleCount } = overlay
  const across = Math.ceil(grid.widthPx / BLOCK_PX)
  const sums = new Float64Array(across * Math.ceil(grid.heightPx / BLOCK_PX))
  for (let index = 0; index < counts.length; index += 1) {
    const inside = counts[index] ?? 0
    if (inside !== 0 && inside !== sampleCount) {
      const block = blockOf(index, grid.widthPx, across)
      sums[block] = (sums[block] ?? 0) + inside * (sampleCount - inside)
    }
  }
  const isWhole = wholeBlocks(overlay, across, sums.length)
  const isUncovered = (block: number): boolean =>
    block % across < across / 2 || Math.floor(block / across) < sums.length / across / 2
  const amid = (block: number): boolean =>
    isUncovered(block) && NEIGHBOURS.every(([x, y]) => isWhole[block + y * across + x] === 1)
  const widest = (allowed: (block: number) => boolean): number | null =>
    sums.reduce<number | null>(
      (best, sum, block) => (sum > 0 && sum > (sums[best ?? -1] ?? 0) && allowed(block) ? block : best),
      null,
    )
  const best = widest(amid) ?? widest(() => true) ?? 0
  return {
    column: grid.originColumn + ((best % across) + 0.5) * BLOCK_PX * grid.columnStep,
    row: grid.originRow + (Math.floor(best / across) + 0.5) * BLOCK_PX * grid.rowStep,
  }
}

const NEIGHBOURS = [-1, 0, 1].flatMap((y) => [-1, 0, 1].map((x) => [x, y] as const))

const blockOf = (index: number, widthPx: number, across: number): number =>
  Math.floor(Math.floor(index / widthPx) / BLOCK_PX) * across + Math.floor((index % widthPx) / BLOCK_PX)

/** 1 for each block that lies in the field of view with all its pixels. */
function wholeBlocks({ grid, fieldOfView }: RunOverlay, across: number, blockCount: number): Uint8Array {
  const isWhole = new Uint8Array(blockCount).fill(1)
  fieldOfView?.forEach((inside, index) => {
    if (inside === 0) isWhole[blockOf(index, grid.widthPx, across)] = 0
  })
  return isWhole
}
