import {
  sliceMask,
  type AnnotatedStructure,
  type AnnotationDocument,
} from '../../../core/annotation/document'
import type { PixelBox } from '../../../core/contour/slice-mask'
import type { Mask } from '../../../core/image/mask'

/** A finished stroke: what it made of one slice of a structure. */
export interface FinishedStroke {
  readonly title: string
  readonly tool: string
  readonly structureId: string
  readonly sliceIndex: number
  readonly before: Mask
  readonly after: Mask
  /** Holds every pixel that changed. */
  readonly box: PixelBox
}

/**
 * The other own structure that a stroke lies on, where it does not continue its own; null: it continues, erases, or lies
 * on none. A stroke continues a structure whose pixels it touches on this slice or covers on the next ones; it lies on
 * another by the pixels that it covers of it here or, where the other is not drawn here, on the next slices. Of several
 * the one that it covers most of.
 */
export function touchedStructure(
  document: AnnotationDocument,
  stroke: FinishedStroke,
): AnnotatedStructure | null {
  const { structureId, sliceIndex, before } = stroke
  const added = addedPixels(stroke)
  if (added.length === 0 || added.some((at) => isBeside(before, at))) return null
  const others = document.structures.filter((one) => one.structureId !== structureId && one.slices.size > 0)
  if (others.length === 0) return null
  const covered = (one: AnnotatedStructure, at: number): number => {
    if (!one.slices.has(at)) return 0
    const { pixels } = sliceMask(document, one.structureId, at)
    return added.reduce((count, pixel) => count + (pixels[pixel] ?? 0), 0)
  }
  const onNext = (one: AnnotatedStructure): number =>
    Math.max(covered(one, sliceIndex - 1), covered(one, sliceIndex + 1))
  const own = document.structures.find((one) => one.structureId === structureId)
  if (own !== undefined && onNext(own) > 0) return null
  let [most, found]: [number, AnnotatedStructure | null] = [0, null]
  for (const one of others) {
    const count = one.slices.has(sliceIndex) ? covered(one, sliceIndex) : onNext(one)
    if (count > most) [most, found] = [count, one]
  }
  return found
}

/** Indices of the pixels that a stroke added. */
export function addedPixels({ before, after, box }: FinishedStroke): readonly number[] {
  const added: number[] = []
  for (let row = box.row; row < box.row + box.heightPx; row += 1) {
    const first = row * after.widthPx + box.column
    for (let at = first; at < first + box.widthPx; at += 1)
      if (after.pixels[at] === 1 && before.pixels[at] !== 1) added.push(at)
  }
  return added
}

/** Whether a pixel is in a mask or beside one of its pixels. */
function isBeside({ widthPx, heightPx, pixels }: Mask, at: number): boolean {
  const [column, row] = [at % widthPx, Math.floor(at / widthPx)]
  for (let y = Math.max(0, row - 1); y <= Math.min(heightPx - 1, row + 1); y += 1)
    for (let x = Math.max(0, column - 1); x <= Math.min(widthPx - 1, column + 1); x += 1)
      if (pixels[y * widthPx + x] === 1) return true
  return false
}
