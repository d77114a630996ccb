import type { BoxMask } from '../../../contract'
import { decodeBoxMask } from '../../../core/contour/box-mask'
import { placeOnImage, traceMask } from '../../../core/contour/trace'
import type { Ring } from './overlay-types'

/** Outlines of a reader's mask on one slice, in image index coordinates, along the pixels' edges. */
export function readerOutlines(box: BoxMask): readonly Ring[] {
  const { originColumn, originRow, mask } = decodeBoxMask(box)
  const { widthPx, heightPx } = mask
  return placeOnImage(traceMask(mask), {
    widthPx,
    heightPx,
    originColumn,
    originRow,
    columnStep: 1,
    rowStep: 1,
  })
}
