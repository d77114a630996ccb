import type { ImagePoint } from '../../core/geometry/image-point'
import { type CanvasPoint, type CanvasSize, type PictureShape, toCanvas, toImage } from './camera'
import { stepInPicture } from './turn'
import type { ViewportLayout } from './viewport'

/** Where the picture lies, as far as the cursor goes by it. */
export type CursorGround = Pick<ViewportLayout, 'map' | 'size' | 'shape'>

/** So many steps at once with Shift. */
const COARSE_STEPS = 10
/** The cursor keeps this far from the edge of the view: what it points at is seen with its surroundings. */
const EDGE_PX = 32

const WAYS = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
} as const satisfies Readonly<Record<string, readonly [x: number, y: number]>>

export type CursorKey = keyof typeof WAYS
export const isCursorKey = (key: string): key is CursorKey => key in WAYS

const onPixel = ({ column, row }: ImagePoint, { widthPx, heightPx }: PictureShape): ImagePoint => ({
  column: Math.min(widthPx - 1, Math.max(0, Math.round(column))),
  row: Math.min(heightPx - 1, Math.max(0, Math.round(row))),
})

const isSeen = ({ x, y }: CanvasPoint, { width, height }: CanvasSize): boolean =>
  x >= 0 && y >= 0 && x <= width && y <= height

/** Where the cursor appears: where it last was if that is seen, else on the pixel in the middle of the view. */
export function cursorStart(last: ImagePoint | null, { map, size, shape }: CursorGround): ImagePoint {
  if (last !== null && isSeen(toCanvas(map, last), size)) return onPixel(last, shape)
  return onPixel(toImage(map, { x: size.width / 2, y: size.height / 2 }), shape)
}

/**
 * The cursor after an arrow: in that direction as it is seen, however the picture is turned, by one pixel of the picture
 * or, where that is less than one of the screen, by one of the screen; never off the picture.
 */
export function cursorMoved(
  at: ImagePoint,
  key: CursorKey,
  isCoarse: boolean,
  { map, shape }: CursorGround,
): ImagePoint {
  const { columns, rows } = stepInPicture(shape.turn, WAYS[key])
  const steps = isCoarse ? COARSE_STEPS : 1
  const alongPx = (onePx: number): number => steps * Math.max(1, Math.round(1 / onePx))
  return onPixel(
    { column: at.column + columns * alongPx(map.columnPx), row: at.row + rows * alongPx(map.rowPx) },
    shape,
  )
}

/** How far the picture goes on the canvas so that the cursor is well in view. */
export function panToSee(
  at: ImagePoint,
  { map, size }: CursorGround,
): { readonly dx: number; readonly dy: number } {
  const { x, y } = toCanvas(map, at)
  const into = (value: number, length: number): number => {
    const edge = Math.min(EDGE_PX, length / 2)
    return Math.min(length - edge, Math.max(edge, value)) - value
  }
  return { dx: into(x, size.width), dy: into(y, size.height) }
}
