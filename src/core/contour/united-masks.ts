import { countPixels } from '../image/mask'
import { cropToBox, type PlacedMask } from './box-mask'

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
