import type { Grid, Warning } from '../../contract'
import { cropToBox, type PlacedMask } from '../contour/box-mask'
import type { Mask } from '../image/mask'
import { scaleMask } from '../sampling/photograph-input'
import { insideField } from '../uncertainty/inside-field'
import type { Steps } from './steps'

/** One reader's mask of the slice of a run, on the image; an empty mask where nothing was drawn. */
export interface SliceReading {
  readonly readingId: string
  readonly letter: string
  readonly placed: PlacedMask
}

/** Samples and readers over one set of pixels, each 0 or 1, so that they can be compared. */
export interface ComparableMasks {
  readonly pixelCount: number
  readonly samples: readonly Uint8Array[]
  readonly readers: readonly Uint8Array[]
  readonly warnings: readonly Warning[]
}

/**
 * Brings readers to the samples' pixels. On a crop at the image's own pixels the set is the smallest rectangle that
 * holds the crop and every reader: what a reader drew outside the crop was missed by every sample. On the grid of a
 * scaled photograph a reader's pixel is set where the reader covers at least half of it. With a field of view only
 * what lies inside it counts. A step a reader.
 */
export function* comparableMasks(
  samples: readonly Mask[],
  readings: readonly SliceReading[],
  grid: Grid,
  fieldOfView: Mask | null,
): Steps<ComparableMasks> {
  const { readers, pixelCount, place, warnings } = isImagePixels(grid)
    ? onCrop(readings, grid)
    : yield* onPhotograph(readings, grid)
  const field = fieldOfView === null ? null : place(fieldOfView)
  return {
    pixelCount,
    samples: samples.map((mask) => insideField(place(mask), field)),
    readers: readers.map((reader) => insideField(reader, field)),
    warnings,
  }
}

interface SharedPixels {
  readonly pixelCount: number
  readonly readers: readonly Uint8Array[]
  /** A mask on the grid, on the shared pixels. */
  readonly place: (mask: Mask) => Uint8Array
  readonly warnings: readonly Warning[]
}

function isImagePixels(grid: Grid): boolean {
  const whole = Number.isInteger(grid.originColumn) && Number.isInteger(grid.originRow)
  return grid.columnStep === 1 && grid.rowStep === 1 && whole
}

function onCrop(readings: readonly SliceReading[], grid: Grid): SharedPixels {
  const boxes = readings.map(({ placed }) => cropToBox(placed)).filter(({ mask }) => mask.pixels.length > 0)
  const left = Math.min(grid.originColumn, ...boxes.map((box) => box.originColumn))
  const top = Math.min(grid.originRow, ...boxes.map((box) => box.originRow))
  const right = Math.max(
    grid.originColumn + grid.widthPx,
    ...boxes.map((box) => box.originColumn + box.mask.widthPx),
  )
  const bottom = Math.max(
    grid.originRow + grid.heightPx,
    ...boxes.map((box) => box.originRow + box.mask.heightPx),
  )
  const area = { originColumn: left, originRow: top, widthPx: right - left, heightPx: bottom - top }
  const pixelCount = area.widthPx * area.heightPx
  const outside = readings.flatMap(({ letter, placed }) => {
    const missed = pixelsSet(placed.mask.pixels) - pixelsSet(copyOnto(placed, grid))
    return missed === 0 ? [] : [outsideCrop(letter, missed)]
  })
  return {
    pixelCount,
    readers: readings.map(({ placed }) => copyOnto(placed, area)),
    place: (mask) =>
      pixelCount === mask.pixels.length
        ? mask.pixels
        : copyOnto({ originColumn: grid.originColumn, originRow: grid.originRow, mask }, area),
    warnings: outside,
  }
}

const pixelsSet = (pixels: Uint8Array): number => pixels.reduce((sum, pixel) => sum + pixel, 0)

const outsideCrop = (letter: string, missed: number): Warning => ({
  code: 'reading-outside-crop',
  text: `Reader ${letter} marked ${missed} px outside the crop; they count as missed.`,
})

/** The part of a mask that lies in an area of the image at its own pixels. */
function copyOnto(
  { originColumn, originRow, mask }: PlacedMask,
  area: Pick<Grid, 'originColumn' | 'originRow' | 'widthPx' | 'heightPx'>,
): Uint8Array {
  const pixels = new Uint8Array(area.widthPx * area.heightPx)
  const shift = originColumn - area.originColumn
  const from = Math.max(0, -shift)
  const to = Math.min(mask.widthPx, area.widthPx - shift)
  if (from >= to) return pixels
  for (let row = 0; row < mask.heightPx; row += 1) {
    const areaRow = row + originRow - area.originRow
    if (areaRow < 0 || areaRow >= area.heightPx) continue
    const line = mask.pixels.subarray(row * mask.widthPx + from, row * mask.widthPx + to)
    pixels.set(line, areaRow * area.widthPx + shift + from)
  }
  return pixels
}

function* onPhotograph(readings: readonly SliceReading[], grid: Grid): Steps<SharedPixels> {
  const photograph = {
    originColumn: 0,
    originRow: 0,
    widthPx: Math.round(grid.widthPx * grid.columnStep),
    heightPx: Math.round(grid.heightPx * grid.rowStep),
  }
  const text = `Readings of ${photograph.widthPx} × ${photograph.heightPx} px are compared on the model's grid of ${grid.widthPx} × ${grid.heightPx} px.`
  const readers: Uint8Array[] = []
  for (const { placed } of readings) {
    const { widthPx, heightPx } = photograph
    readers.push(scaleMask({ widthPx, heightPx, pixels: copyOnto(placed, photograph) }, grid).pixels)
    yield
  }
  return {
    pixelCount: grid.widthPx * grid.heightPx,
    readers,
    place: (mask) => mask.pixels,
    warnings: [{ code: 'agreement-on-grid', text }],
  }
}
