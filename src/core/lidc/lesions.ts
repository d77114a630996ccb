/** Who drew the same thing: annotations of several readers that share a voxel are one lesion. */
import { countPixels } from '../image/mask'
import { cropToBox, type PlacedMask } from '../contour/box-mask'

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

/** The union of masks of one slice, in its smallest box. */
export function unionOf(masks: readonly PlacedMask[]): PlacedMask {
  const marked = masks.filter(({ mask }) => countPixels(mask) > 0)
  const left = Math.min(...marked.map((mask) => mask.originColumn))
  const top = Math.min(...marked.map((mask) => mask.originRow))
  const right = Math.max(...marked.map((mask) => mask.originColumn + mask.mask.widthPx))
  const bottom = Math.max(...marked.map((mask) => mask.originRow + mask.mask.heightPx))
  const [first] = marked
  if (first === undefined) {
    return { originColumn: 0, originRow: 0, mask: { widthPx: 0, heightPx: 0, pixels: new Uint8Array(0) } }
  }
  const widthPx = right - left
  const pixels = new Uint8Array(widthPx * (bottom - top))
  for (const { originColumn, originRow, mask } of marked) {
    mask.pixels.forEach((pixel, index) => {
      const column = originColumn - left + (index % mask.widthPx)
      const row = originRow - top + Math.floor(index / mask.widthPx)
      if (pixel === 1) pixels[row * widthPx + column] = 1
    })
  }
  return cropToBox({ originColumn: left, originRow: top, mask: { widthPx, heightPx: bottom - top, pixels } })
}
