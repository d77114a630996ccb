import { canvasMap, toCanvas } from '../camera'
import type { CanvasMap, CanvasPoint, CanvasSize, PictureShape, PlaneBox } from '../camera'
import type { ImagePoint } from '../../../core/geometry/image-point'
import type { LensPlace } from '../viewport-types'

/** The inset of a photograph: a square magnifier in a corner that shows the contours of a box on the map. */
export interface InsetView {
  /** Side in CSS pixels. */
  readonly sidePx: number
  /** CSS pixels per image pixel. */
  readonly zoom: number
  readonly map: CanvasMap
  /** The box on the main canvas. */
  readonly box: PlaneBox
  /** Where the inset stands on the main canvas. */
  readonly place: PlaneBox
}

const INSET = {
  /** How much larger it shows the image than the view around it. */
  magnification: 6.2,
  leastZoom: 3,
  largestSidePx: 340,
  shareOfView: 0.42,
}
const INSET_MARGIN_PX = 14
/** Below the plates of the upper corners. */
const UPPER_MARGIN_PX = 56

/** Zoom of the main view from which the inset is not needed: contours are large enough to be drawn in place. */
const INSET_UNTIL_ZOOM = 2.5

/** Places the inset for a view of a photograph; null where the view is too small or already large enough. */
export function insetView(
  centre: ImagePoint,
  mainMap: CanvasMap,
  mainZoom: number,
  shape: PictureShape,
  size: CanvasSize,
  corner: LensPlace,
): InsetView | null {
  const sidePx = Math.floor(
    Math.min(INSET.largestSidePx, INSET.shareOfView * Math.min(size.width, size.height)),
  )
  if (sidePx < 140 || mainZoom >= INSET_UNTIL_ZOOM) return null
  const zoom = Math.max(INSET.leastZoom, Math.round(mainZoom * INSET.magnification * 10) / 10)
  const half = sidePx / 2 / zoom
  const held = {
    column: within(centre.column, half / shape.pixelWidth, shape.widthPx),
    row: within(centre.row, half / shape.pixelHeight, shape.heightPx),
  }
  const map = canvasMap({ zoom, centre: held }, shape, { width: sidePx, height: sidePx })
  const middle = toCanvas(mainMap, held)
  const boxHalf = (half * mainMap.columnPx) / shape.pixelWidth
  return {
    sidePx,
    zoom,
    map,
    box: {
      left: middle.x - boxHalf,
      right: middle.x + boxHalf,
      top: middle.y - boxHalf,
      bottom: middle.y + boxHalf,
    },
    place: placeIn(corner, sidePx, size),
  }
}

function placeIn(corner: LensPlace, sidePx: number, size: CanvasSize): PlaneBox {
  const left = corner === 'upper-left' ? INSET_MARGIN_PX : size.width - INSET_MARGIN_PX - sidePx
  const top = corner === 'lower-right' ? size.height - INSET_MARGIN_PX - sidePx : UPPER_MARGIN_PX
  return { left, top, right: left + sidePx, bottom: top + sidePx }
}

/** Keeps the box inside the picture; a picture smaller than the box is centred. */
function within(value: number, half: number, count: number): number {
  const low = -0.5 + half
  const high = count - 0.5 - half
  return high < low ? (count - 1) / 2 : Math.min(high, Math.max(low, value))
}

export const boxHolds = (box: PlaneBox, point: CanvasPoint): boolean =>
  point.x >= box.left && point.x <= box.right && point.y >= box.top && point.y <= box.bottom
