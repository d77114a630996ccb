import type { PixelBox } from '../../../core/contour/slice-mask'
import { OWN_STYLE } from '../../../core/image/data-colours'
import type { Mask } from '../../../core/image/mask'

/** Larger pictures are drawn without a fill: its canvas would not follow the pointer. */
const MOST_PIXELS = 4_500_000

const channel = (at: number): number => Number.parseInt(OWN_STYLE.colour.slice(at, at + 2), 16)
const COLOUR = [channel(1), channel(3), channel(5)] as const

/** A canvas with one pixel a pixel of the picture, opaque where the mask is set. Only what changed is written. */
export class Tint {
  readonly canvas: HTMLCanvasElement | null
  private readonly context: CanvasRenderingContext2D | null

  constructor(widthPx: number, heightPx: number) {
    this.canvas = widthPx * heightPx > MOST_PIXELS ? null : document.createElement('canvas')
    if (this.canvas !== null) Object.assign(this.canvas, { width: widthPx, height: heightPx })
    this.context = this.canvas?.getContext('2d') ?? null
  }

  /** Writes the part of the mask that lies in the box. */
  write(mask: Mask, box: PixelBox): void {
    if (this.context === null || box.widthPx < 1 || box.heightPx < 1) return
    const image = this.context.createImageData(box.widthPx, box.heightPx)
    for (let row = 0; row < box.heightPx; row += 1) {
      const start = (box.row + row) * mask.widthPx + box.column
      for (let column = 0; column < box.widthPx; column += 1) {
        if (mask.pixels[start + column] !== 1) continue
        const at = 4 * (row * box.widthPx + column)
        image.data.set(COLOUR, at)
        image.data[at + 3] = 255
      }
    }
    this.context.putImageData(image, box.column, box.row)
  }
}
