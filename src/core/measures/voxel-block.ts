import type { SeriesSpacing } from '../../contract'
import { cropToBox, type PlacedMask } from '../contour/box-mask'
import type { PixelSize } from '../uncertainty/sizes'

/** One reading's mask on one slice; of a photograph the slice is 0. */
export interface SliceOutline {
  readonly sliceIndex: number
  readonly placed: PlacedMask
}

/** Size of a block of voxels [slice][row][column]; one image has one slice. */
export interface Extent {
  readonly widthPx: number
  readonly heightPx: number
  readonly sliceCount: number
}

/** Readings of one structure over one set of voxels, each voxel 0 or 1, so that they can be compared voxel by voxel. */
export interface VoxelBlock extends Extent {
  /** Image index of the first voxel centre. */
  readonly originColumn: number
  readonly originRow: number
  readonly firstSlice: number
  /** One a reading, in the order given; all 0 for a reading that marked nothing. */
  readonly masks: readonly Uint8Array[]
}

/** Distance between voxel centres; between slices null where it is unknown or uneven, and always without spacing. */
export interface VoxelSize extends PixelSize {
  readonly betweenSlices: number | null
}

/** Voxel size of a series or a photograph: mm where the spacing is known, else pixels. */
export const voxelSizeOf = (spacingMm: SeriesSpacing | null): VoxelSize => ({
  unit: spacingMm === null ? 'px' : 'mm',
  betweenColumns: spacingMm?.column ?? 1,
  betweenRows: spacingMm?.row ?? 1,
  betweenSlices: spacingMm?.slice ?? null,
})

/**
 * Brings readings to the smallest block that holds every pixel any of them set, grown by `marginPx` columns and rows
 * (not beyond index 0; not by slices). Nothing set anywhere: a block of 0 x 0 x 0.
 */
export function voxelBlock(readings: readonly (readonly SliceOutline[])[], marginPx = 0): VoxelBlock {
  const cropped = readings.map((slices) =>
    slices
      .map(({ sliceIndex, placed }) => ({ sliceIndex, placed: cropToBox(placed) }))
      .filter(({ placed }) => placed.mask.pixels.length > 0),
  )
  const all = cropped.flat()
  if (all.length === 0) {
    const none = { originColumn: 0, originRow: 0, firstSlice: 0, widthPx: 0, heightPx: 0, sliceCount: 0 }
    return { ...none, masks: readings.map(() => new Uint8Array(0)) }
  }
  const edge = (pick: (outline: SliceOutline) => number, which: (a: number, b: number) => number): number =>
    all.map(pick).reduce((a, b) => which(a, b))
  const left = Math.max(0, edge(({ placed }) => placed.originColumn, Math.min) - marginPx)
  const top = Math.max(0, edge(({ placed }) => placed.originRow, Math.min) - marginPx)
  const right = edge(({ placed }) => placed.originColumn + placed.mask.widthPx, Math.max) + marginPx
  const bottom = edge(({ placed }) => placed.originRow + placed.mask.heightPx, Math.max) + marginPx
  const firstSlice = edge(({ sliceIndex }) => sliceIndex, Math.min)
  const extent = {
    widthPx: right - left,
    heightPx: bottom - top,
    sliceCount: edge(({ sliceIndex }) => sliceIndex, Math.max) - firstSlice + 1,
  }
  const block = { ...extent, originColumn: left, originRow: top, firstSlice }
  return { ...block, masks: cropped.map((slices) => fill(slices, block)) }
}

function fill(slices: readonly SliceOutline[], block: Omit<VoxelBlock, 'masks'>): Uint8Array {
  const { widthPx, heightPx, sliceCount } = block
  const voxels = new Uint8Array(widthPx * heightPx * sliceCount)
  for (const { sliceIndex, placed } of slices) {
    const { mask } = placed
    const start =
      ((sliceIndex - block.firstSlice) * heightPx + placed.originRow - block.originRow) * widthPx +
      placed.originColumn -
      block.originColumn
    for (let row = 0; row < mask.heightPx; row += 1) {
      const line = start + row * widthPx
      for (let column = 0; column < mask.widthPx; column += 1) {
        // Several outlines of one slice add up.
        if (mask.pixels[row * mask.widthPx + column] === 1) voxels[line + column] = 1
      }
    }
  }
  return voxels
}

/** The way back: the slices of a block's voxels on which something is set, each cropped to its smallest box. */
export function outlinesOf(voxels: Uint8Array, block: Omit<VoxelBlock, 'masks'>): SliceOutline[] {
  const { widthPx, heightPx, originColumn, originRow } = block
  return Array.from({ length: block.sliceCount }, (_, slice) => {
    const pixels = voxels.subarray(slice * widthPx * heightPx, (slice + 1) * widthPx * heightPx)
    const mask = { widthPx, heightPx, pixels }
    return { sliceIndex: block.firstSlice + slice, placed: cropToBox({ originColumn, originRow, mask }) }
  }).filter(({ placed }) => placed.mask.pixels.length > 0)
}
