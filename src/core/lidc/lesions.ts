/** Who drew the same thing: annotations of several readers that share a voxel are one lesion. */
import type { PlacedMask } from '../contour/box-mask'

/** What one reader drew of one nodule, by slice index. */
export interface Annotation {
  /** Which reading session of the file, 0-based. */
  readonly session: number
  readonly slices: ReadonlyMap<number, PlacedMask>
}

export interface Lesion {
  readonly annotations: readonly Annotation[]
}

const isSet = ({ originColumn, originRow, mask }: PlacedMask, column: number, row: number): boolean => {
  const c = column - originColumn
  const r = row - originRow
  return c >= 0 && r >= 0 && c < mask.widthPx && r < mask.heightPx && mask.pixels[r * mask.widthPx + c] === 1
}

function sharePixel(a: PlacedMask, b: PlacedMask): boolean {
  return a.mask.pixels.some(
    (pixel, index) =>
      pixel === 1 &&
      isSet(b, a.originColumn + (index % a.mask.widthPx), a.originRow + Math.floor(index / a.mask.widthPx)),
  )
}

function shareVoxel(a: Annotation, b: Annotation): boolean {
  for (const [sliceIndex, mask] of a.slices) {
    const other = b.slices.get(sliceIndex)
    if (other !== undefined && sharePixel(mask, other)) return true
  }
  return false
}

/** Groups annotations that share a voxel, directly or by way of others; lesions stand in the order of their first annotation. */
export function groupIntoLesions(annotations: readonly Annotation[]): readonly Lesion[] {
  const group = annotations.map((_annotation, index) => index)
  annotations.forEach((annotation, index) => {
    for (let earlier = 0; earlier < index; earlier += 1) {
      const other = annotations[earlier]
      const from = group[index] ?? index
      const to = group[earlier] ?? earlier
      if (other === undefined || from === to || !shareVoxel(annotation, other)) continue
      const [kept, joined] = [Math.min(from, to), Math.max(from, to)]
      group.forEach((label, at) => {
        if (label === joined) group[at] = kept
      })
    }
  })
  return [...new Set(group)]
    .sort((a, b) => a - b)
    .map((label) => ({ annotations: annotations.filter((_annotation, index) => group[index] === label) }))
}
