import type { Grid, PixelSpacing } from '../../contract'
import type { ImagePoint } from '../../core/geometry/image-point'
import { AS_ACQUIRED, stepsOfTurn, type Turn } from './turn'

/**
 * Where the image lies on the canvas. Image coordinates are indices: the centre of pixel (column, row) is the
 * integer point, its upper left corner half a pixel before. Canvas coordinates are CSS pixels from the upper left
 * of the viewport. Columns grow to the right and rows downwards unless the shape of the picture is turned; whoever
 * shows a turned one says so on it.
 */
export interface Camera {
  /** CSS pixels per image pixel along the smaller side of a pixel. */
  readonly zoom: number
  /** Image index under the middle of the viewport. */
  readonly centre: ImagePoint
}

export interface CanvasSize {
  readonly width: number
  readonly height: number
}

export interface CanvasPoint {
  readonly x: number
  readonly y: number
}

/** Size of a picture in pixels, how wide and high one pixel is drawn relative to the smaller side, and how it is turned. */
export interface PictureShape {
  readonly widthPx: number
  readonly heightPx: number
  readonly pixelWidth: number
  readonly pixelHeight: number
  readonly turn: Turn
}

/** x = column * columnX + row * rowX + offsetX, y = column * columnY + row * rowY + offsetY. */
export interface CanvasMap {
  readonly columnX: number
  readonly columnY: number
  readonly rowX: number
  readonly rowY: number
  readonly offsetX: number
  readonly offsetY: number
  /** How long one column and one row are on the canvas, whichever way they go. */
  readonly columnPx: number
  readonly rowPx: number
}

/** Edges of an upright box: in CSS pixels of a canvas, or in columns and rows of an image. */
export interface PlaneBox {
  readonly left: number
  readonly top: number
  readonly right: number
  readonly bottom: number
}

/** Shape of a picture; without a spacing its pixels are drawn square. */
export function pictureShape(
  widthPx: number,
  heightPx: number,
  spacing: PixelSpacing | null,
  turn: Turn = AS_ACQUIRED,
): PictureShape {
  if (spacing === null) return { widthPx, heightPx, pixelWidth: 1, pixelHeight: 1, turn }
  const smaller = Math.min(spacing.row, spacing.column)
  return { widthPx, heightPx, pixelWidth: spacing.column / smaller, pixelHeight: spacing.row / smaller, turn }
}

/** Size of a picture as it lies on the screen at zoom 1: on its side its height lies across. */
export function sizeOnScreen({ widthPx, heightPx, pixelWidth, pixelHeight, turn }: PictureShape): CanvasSize {
  const [across, down] = [widthPx * pixelWidth, heightPx * pixelHeight]
  return turn.quarters % 2 === 0 ? { width: across, height: down } : { width: down, height: across }
}

export function canvasMap(camera: Camera, shape: PictureShape, size: CanvasSize): CanvasMap {
  const columnPx = camera.zoom * shape.pixelWidth
  const rowPx = camera.zoom * shape.pixelHeight
  const { column, row } = stepsOfTurn(shape.turn)
  const linear = {
    ...{ columnX: column[0] * columnPx, columnY: column[1] * columnPx },
    ...{ rowX: row[0] * rowPx, rowY: row[1] * rowPx },
  }
  const { centre } = camera
  return {
    ...linear,
    ...{ columnPx, rowPx },
    offsetX: size.width / 2 - centre.column * linear.columnX - centre.row * linear.rowX,
    offsetY: size.height / 2 - centre.column * linear.columnY - centre.row * linear.rowY,
  }
}

export function toCanvas(map: CanvasMap, { column, row }: ImagePoint): CanvasPoint {
  return {
    x: column * map.columnX + row * map.rowX + map.offsetX,
    y: column * map.columnY + row * map.rowY + map.offsetY,
  }
}

export function toImage(map: CanvasMap, point: CanvasPoint): ImagePoint {
  const [x, y] = [point.x - map.offsetX, point.y - map.offsetY]
  const determinant = map.columnX * map.rowY - map.rowX * map.columnY
  return {
    column: (map.rowY * x - map.rowX * y) / determinant,
    row: (map.columnX * y - map.columnY * x) / determinant,
  }
}

const boxAround = (a: readonly [number, number], b: readonly [number, number]): PlaneBox => ({
  ...{ left: Math.min(a[0], b[0]), top: Math.min(a[1], b[1]) },
  ...{ right: Math.max(a[0], b[0]), bottom: Math.max(a[1], b[1]) },
})

/** A box of the image on the canvas: upright in both, since a picture is turned by quarters only. */
export function boxToCanvas(map: CanvasMap, { left, top, right, bottom }: PlaneBox): PlaneBox {
  const from = toCanvas(map, { column: left, row: top })
  const to = toCanvas(map, { column: right, row: bottom })
  return boxAround([from.x, from.y], [to.x, to.y])
}

/** A box of the canvas in columns and rows. */
export function boxToImage(map: CanvasMap, { left, top, right, bottom }: PlaneBox): PlaneBox {
  const from = toImage(map, { x: left, y: top })
  const to = toImage(map, { x: right, y: bottom })
  return boxAround([from.column, from.row], [to.column, to.row])
}

/** From here on the context draws in columns and rows of the image; lines would be as wide as pixels. */
export function drawInImage(context: CanvasRenderingContext2D, map: CanvasMap): void {
  context.transform(map.columnX, map.columnY, map.rowX, map.rowY, map.offsetX, map.offsetY)
}

/** What takes a canvas that was painted for one place of the picture to another: a, b, c, d, e, f of a CSS matrix. */
export function movedCanvas(from: CanvasMap, to: CanvasMap): readonly number[] {
  const at = (x: number, y: number): CanvasPoint => toCanvas(to, toImage(from, { x, y }))
  const [origin, right, down] = [at(0, 0), at(1, 0), at(0, 1)]
  const linear = [right.x - origin.x, right.y - origin.y, down.x - origin.x, down.y - origin.y]
  return [...linear, origin.x, origin.y]
}

const MIN_ZOOM = 0.05
const MAX_ZOOM = 64
const withinZoom = (zoom: number): number => Math.min(MAX_ZOOM, Math.max(MIN_ZOOM, zoom))

/** The whole picture, as large as fits. */
export function fitCamera(shape: PictureShape, size: CanvasSize): Camera {
  const whole = sizeOnScreen(shape)
  const zoom = Math.min(size.width / whole.width, size.height / whole.height)
  return {
    zoom: withinZoom(zoom),
    centre: { column: (shape.widthPx - 1) / 2, row: (shape.heightPx - 1) / 2 },
  }
}

/** Whether two cameras show the same, but for rounding. */
export const isSameCamera = (a: Camera, b: Camera): boolean =>
  Math.abs(a.zoom - b.zoom) <= 1e-9 * b.zoom &&
  Math.abs(a.centre.column - b.centre.column) < 1e-6 &&
  Math.abs(a.centre.row - b.centre.row) < 1e-6

/**
 * Part of the viewport that the grid of a run takes when it is shown: room is left for what lies around it, and for three
 * lines in the lower left corner of a window of 800 px, under which its own corner would lie.
 */
const GRID_SHARE = 0.79

/** Shows the grid of a run with room around it. */
export function gridCamera(grid: Grid, shape: PictureShape, size: CanvasSize): Camera {
  const [widthPx, heightPx] = [grid.widthPx * grid.columnStep, grid.heightPx * grid.rowStep]
  const whole = sizeOnScreen({ ...shape, widthPx, heightPx })
  const zoom = GRID_SHARE * Math.min(size.width / whole.width, size.height / whole.height)
  return {
    zoom: withinZoom(zoom),
    centre: {
      column: grid.originColumn + ((grid.widthPx - 1) * grid.columnStep) / 2,
      row: grid.originRow + ((grid.heightPx - 1) * grid.rowStep) / 2,
    },
  }
}

/** Zooms by a factor; what lies under `anchor` stays there. */
export function zoomedAt(
  camera: Camera,
  factor: number,
  anchor: CanvasPoint,
  shape: PictureShape,
  size: CanvasSize,
): Camera {
  const zoom = withinZoom(camera.zoom * factor)
  const held = toImage(canvasMap(camera, shape, size), anchor)
  // With the held point in the middle, the new middle lies as far from it as the anchor, on the other side.
  const about = canvasMap({ zoom, centre: held }, shape, size)
  return { zoom, centre: toImage(about, { x: size.width - anchor.x, y: size.height - anchor.y }) }
}

/** Moves the picture with the pointer; some of it always stays in view. */
export function pannedBy(camera: Camera, dx: number, dy: number, shape: PictureShape): Camera {
  const hold = (value: number, count: number): number => Math.min(count - 0.5, Math.max(-0.5, value))
  const centre = toImage(canvasMap(camera, shape, { width: 0, height: 0 }), { x: -dx, y: -dy })
  return {
    zoom: camera.zoom,
    centre: { column: hold(centre.column, shape.widthPx), row: hold(centre.row, shape.heightPx) },
  }
}

/** Length of a line in pixels and, where the spacing is known, in millimetres (non-square pixels included). */
export function lineLength(
  from: ImagePoint,
  to: ImagePoint,
  spacing: PixelSpacing | null,
): { readonly lengthPx: number; readonly lengthMm: number | null } {
  const columns = to.column - from.column
  const rows = to.row - from.row
  return {
    lengthPx: Math.hypot(columns, rows),
    lengthMm: spacing === null ? null : Math.hypot(columns * spacing.column, rows * spacing.row),
  }
}
