import type { Grid } from '../../contract'
import { greyLevels } from '../../core/image/window'
import { lookOf } from '../viewer/subject-looks'
import type { ViewportPicture, ViewportWindow } from '../viewer/viewport-types'

/** What samples are drawn on. */
export interface SampledPicture {
  readonly picture: ViewportPicture
  readonly window: ViewportWindow | null
  readonly grid: Grid
}

/** Everything a thumbnail of one sample is made of. */
export interface SamplePicture extends SampledPicture {
  /** Packed bits of the sample on the grid. */
  readonly mask: Uint8Array
  /** The part of the grid that is shown. */
  readonly box: GridBox
  readonly widthPx: number
  readonly heightPx: number
}

/** A part of a grid, in grid pixels. */
export interface GridBox {
  readonly column: number
  readonly row: number
  readonly widthPx: number
  readonly heightPx: number
}

/** The sample's violet over the picture; a photograph's sample stands white on black, where thin vessels still show. */
const SAMPLE_RGB = [218, 213, 255] as const
const SAMPLE_ALPHA = 0.72

const bitAt = (mask: Uint8Array, index: number): number => ((mask[index >> 3] ?? 0) >> (7 - (index & 7))) & 1

/** RGBA, row by row: the crop of the run with the sample laid over it, nearest neighbour. */
export function paintSample(sample: SamplePicture): Uint8ClampedArray<ArrayBuffer> {
  const { grid, mask, widthPx, heightPx, picture, box } = sample
  const rgba = new Uint8ClampedArray(widthPx * heightPx * 4)
  const levelOf = levelsOf(sample)
  const { isWhole } = lookOf(picture.subjectKind)
  for (let y = 0; y < heightPx; y += 1) {
    const row = box.row + Math.min(box.heightPx - 1, Math.floor(((y + 0.5) * box.heightPx) / heightPx))
    for (let x = 0; x < widthPx; x += 1) {
      const column = box.column + Math.min(box.widthPx - 1, Math.floor(((x + 0.5) * box.widthPx) / widthPx))
      const isInside = bitAt(mask, row * grid.widthPx + column) === 1
      const at = (y * widthPx + x) * 4
      rgba[at + 3] = 255
      if (isWhole) {
        rgba.fill(isInside ? 255 : 0, at, at + 3)
        continue
      }
      const grey = greyAt(
        picture,
        levelOf,
        Math.round(grid.originColumn + column * grid.columnStep),
        Math.round(grid.originRow + row * grid.rowStep),
      )
      for (const [channel, colour] of SAMPLE_RGB.entries()) {
        rgba[at + channel] = isInside ? colour * SAMPLE_ALPHA + grey * (1 - SAMPLE_ALPHA) : grey
      }
    }
  }
  return rgba
}

/** Grey levels of the shown window; of none, over the whole range. */
function levelsOf({ picture, window }: SamplePicture): (value: number) => number {
  if (window !== null) return greyLevels(window)
  const { description } = picture
  const low = description.minStored * description.slope + description.intercept
  const high = description.maxStored * description.slope + description.intercept
  return (value) => (255 * (value - low)) / Math.max(1, high - low)
}

function greyAt(
  { description, pixels }: ViewportPicture,
  levelOf: (value: number) => number,
  column: number,
  row: number,
): number {
  if (column < 0 || row < 0 || column >= description.widthPx || row >= description.heightPx) return 0
  return levelOf(
    (pixels[row * description.widthPx + column] ?? 0) * description.slope + description.intercept,
  )
}

/** Room around the samples, as a share of the box they fill. */
const MARGIN = 0.3
/** A box is at least so many pixels wide, so that a tiny structure keeps its surroundings. */
const LEAST_BOX_PX = 24

/** The square of the grid that holds every sample with room around it; all samples share it, so that they can be compared. */
export function boxAround(masks: readonly Uint8Array[], grid: Grid): GridBox {
  let [left, right, top, bottom] = [grid.widthPx, -1, grid.heightPx, -1]
  for (const mask of masks) {
    for (let index = 0; index < grid.widthPx * grid.heightPx; index += 1) {
      if (bitAt(mask, index) === 0) continue
      const column = index % grid.widthPx
      const row = (index - column) / grid.widthPx
      left = Math.min(left, column)
      right = Math.max(right, column)
      top = Math.min(top, row)
      bottom = Math.max(bottom, row)
    }
  }
  const most = Math.min(grid.widthPx, grid.heightPx)
  const filled = Math.max(right - left, bottom - top) + 1
  const side = right < 0 ? most : Math.min(most, Math.max(LEAST_BOX_PX, Math.round(filled * (1 + MARGIN))))
  const start = (middle: number, length: number): number =>
    Math.min(length - side, Math.max(0, Math.round(middle - side / 2)))
  return {
    column: right < 0 ? 0 : start((left + right + 1) / 2, grid.widthPx),
    row: right < 0 ? 0 : start((top + bottom + 1) / 2, grid.heightPx),
    widthPx: side,
    heightPx: side,
  }
}

/** Pixels set in packed bits. */
export function countBits(mask: Uint8Array): number {
  let count = 0
  for (let byte of mask) {
    for (; byte !== 0; byte &= byte - 1) count += 1
  }
  return count
}

/** Sample indices from small to large, evenly over the ranks, smallest and largest among them. */
export function evenlyBySize(masks: readonly Uint8Array[], most: number): readonly number[] {
  const ranked = masks
    .map((mask, index) => ({ index, count: countBits(mask) }))
    .sort((a, b) => a.count - b.count || a.index - b.index)
  if (ranked.length <= most) return ranked.map(({ index }) => index)
  return Array.from({ length: most }, (_, place) => {
    const rank = Math.round((place * (ranked.length - 1)) / Math.max(1, most - 1))
    return ranked[rank]?.index ?? 0
  })
}
