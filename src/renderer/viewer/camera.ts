import type { Grid, PixelSpacing } from '../../contract'
import type { ImagePoint } from '../../core/geometry/image-point'

/**
 * Where the image lies on the canvas. Image coordinates are indices: the centre of pixel (column, row) is the
 * integer point, its upper left corner half a pixel before. Canvas coordinates are CSS pixels from the upper left
 * of the viewport. Columns always grow to the right and rows downwards: nothing here can mirror or turn an image.
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

/** Size of a picture in pixels and how wide and high one pixel is drawn relative to the smaller side. */
export interface PictureShape {
  readonly widthPx: number
  readonly heightPx: number
  readonly pixelWidth: number
  readonly pixelHeight: number
}

/** x = column * scaleX + offsetX, y = row * scaleY + offsetY. */
export interface CanvasMap {
  readonly scaleX: number
  readonly scaleY: number
  readonly offsetX: number
  readonly offsetY: number
}

/** Shape of a picture; without a spacing its pixels are drawn square. */
export function pictureShape(widthPx: number, heightPx: number, spacing: PixelSpacing | null): PictureShape {
  if (spacing === null) return { widthPx, heightPx, pixelWidth: 1, pixelHeight: 1 }
  const smaller = Math.min(spacing.row, spacing.column)
  return { widthPx, heightPx, pixelWidth: spacing.column / smaller, pixelHeight: spacing.row / smaller }
}

export function canvasMap(camera: Camera, shape: PictureShape, size: CanvasSize): CanvasMap {
  const scaleX = camera.zoom * shape.pixelWidth
  const scaleY = camera.zoom * shape.pixelHeight
  return {
    scaleX,
    scaleY,
    offsetX: size.width / 2 - camera.centre.column * scaleX,
    offsetY: size.height / 2 - camera.centre.row * scaleY,
  }
}

export function toCanvas(map: CanvasMap, point: ImagePoint): CanvasPoint {
  return { x: point.column * map.scaleX + map.offsetX, y: point.row * map.scaleY + map.offsetY }
}

export function toImage(map: CanvasMap, point: CanvasPoint): ImagePoint {
  return { column: (point.x - map.offsetX) / map.scaleX, row: (point.y - map.offsetY) / map.scaleY }
}

const MIN_ZOOM = 0.05
const MAX_ZOOM = 64
const withinZoom = (zoom: number): number => Math.min(MAX_ZOOM, Math.max(MIN_ZOOM, zoom))

/** The whole picture, as large as fits. */
export function fitCamera(shape: PictureShape, size: CanvasSize): Camera {
  const zoom = Math.min(
    size.width / (shape.widthPx * shape.pixelWidth),
    size.height / (shape.heightPx * shape.pixelHeight),
  )
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
  const columns = grid.widthPx * grid.columnStep
  const rows = grid.heightPx * grid.rowStep
  const zoom =
    GRID_SHARE * Math.min(size.width / (columns * shape.pixelWidth), size.height / (rows * shape.pixelHeight))
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
  return {
    zoom,
    centre: {
      column: held.column - (anchor.x - size.width / 2) / (zoom * shape.pixelWidth),
      row: held.row - (anchor.y - size.height / 2) / (zoom * shape.pixelHeight),
    },
  }
}

/** Moves the picture with the pointer; some of it always stays in view. */
export function pannedBy(camera: Camera, dx: number, dy: number, shape: PictureShape): Camera {
  const hold = (value: number, count: number): number => Math.min(count - 0.5, Math.max(-0.5, value))
  return {
    zoom: camera.zoom,
    centre: {
      column: hold(camera.centre.column - dx / (camera.zoom * shape.pixelWidth), shape.widthPx),
      row: hold(camera.centre.row - dy / (camera.zoom * shape.pixelHeight), shape.heightPx),
    },
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
