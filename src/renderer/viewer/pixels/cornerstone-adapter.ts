import cornerstone from 'cornerstone-core'
import type { CornerstoneImage, CornerstoneViewport } from 'cornerstone-core'
import type { Camera, CanvasSize, PictureShape } from '../camera'
import type { PaintablePixels } from './picture-pixels'
import type { ViewportWindow } from '../viewport-types'
import { stepsOfTurn } from '../turn'
import { voiTable } from './voi-table'
import type { VoiTable } from './voi-table'

/** How the picture is shown. */
export interface PictureView {
  readonly camera: Camera
  readonly window: ViewportWindow
  readonly inverted: boolean
}

/**
 * DICOM's LINEAR function (PS3.3 C.11.2.1.2.1) in cornerstone's terms, whose own formula is LINEAR_EXACT's:
 * centre less a half, width less one. Width 1 stays a step.
 */
export function linearWindow(window: ViewportWindow): { windowCenter: number; windowWidth: number } {
  return { windowCenter: window.centre - 0.5, windowWidth: Math.max(window.width - 1, 1e-6) }
}

/** A view in cornerstone's terms. Its canvas is in device pixels, `ratio` of them to a CSS pixel. */
export function cornerstoneViewport(
  view: PictureView,
  shape: PictureShape,
  ratio: number,
  table?: VoiTable,
): CornerstoneViewport {
  const { column, row } = stepsOfTurn(shape.turn)
  // Cornerstone counts from the corner of the first pixel, we from its centre: half a pixel apart.
  const columns = shape.widthPx / 2 - (view.camera.centre.column + 0.5)
  const rows = shape.heightPx / 2 - (view.camera.centre.row + 0.5)
  return {
    scale: view.camera.zoom * ratio,
    // It moves the picture after it was turned, in pixels of the picture.
    translation: { x: columns * column[0] + rows * row[0], y: columns * column[1] + rows * row[1] },
    voi: linearWindow(view.window),
    voiLUT: table,
    invert: view.inverted,
    pixelReplication: false,
    rotation: 90 * shape.turn.quarters,
    hflip: shape.turn.isMirrored,
    vflip: false,
  }
}

/**
 * The picture itself, painted by cornerstone-core 2.6.1: the one file that names it. Its canvas has as many pixels
 * as its element has CSS pixels, so the element is made `devicePixelRatio` times larger and scaled back; all its
 * coordinates are then device pixels.
 */
export class PictureSurface {
  private readonly element: HTMLElement
  private shape: PictureShape | null = null
  private shown: {
    readonly key: string
    readonly paintable: PaintablePixels
    readonly isCurved: boolean
  } | null = null
  private table: {
    readonly window: ViewportWindow
    readonly paintable: PaintablePixels
    readonly table: VoiTable
  } | null = null
  private ratio = 1

  /** `onDrawn` is called in the frame in which the picture was drawn, before the browser shows it. */
  constructor(
    host: HTMLElement,
    private readonly onDrawn: () => void,
  ) {
    this.element = document.createElement('div')
    Object.assign(this.element.style, { position: 'absolute', left: '0', top: '0', transformOrigin: '0 0' })
    // Made here first: cornerstone would ask for a desynchronised canvas, which tears against the overlays above it.
    const canvas = document.createElement('canvas')
    canvas.className = 'cornerstone-canvas'
    canvas.style.display = 'block'
    canvas.getContext('2d', { alpha: false })
    this.element.append(canvas)
    host.append(this.element)
    cornerstone.enable(this.element)
    this.element.addEventListener('cornerstoneprerender', this.beforeDrawn)
    this.element.addEventListener('cornerstoneimagerendered', this.onDrawn)
  }

  /** Size in CSS pixels; both times `ratio` are whole numbers. */
  resize(size: CanvasSize, ratio: number): void {
    this.ratio = ratio
    this.element.style.width = `${Math.round(size.width * ratio)}px`
    this.element.style.height = `${Math.round(size.height * ratio)}px`
    this.element.style.transform = `scale(${1 / ratio})`
    cornerstone.resize(this.element, false)
  }

  /** Shows other pixels. `key` differs whenever the pixels do. */
  display(key: string, paintable: PaintablePixels, shape: PictureShape, view: PictureView): void {
    this.shape = shape
    this.element.style.visibility = 'visible'
    const table = this.tableOf(paintable, view.window)
    // A table is over stored values: cornerstone then has nothing to rescale.
    const isCurved = table !== undefined
    this.shown = { key, paintable, isCurved }
    const image: CornerstoneImage = {
      imageId: isCurved ? `${key} curved` : key,
      minPixelValue: paintable.minStored,
      maxPixelValue: paintable.maxStored,
      slope: isCurved ? 1 : paintable.slope,
      intercept: isCurved ? 0 : paintable.intercept,
      ...linearWindow(view.window),
      rows: shape.heightPx,
      columns: shape.widthPx,
      height: shape.heightPx,
      width: shape.widthPx,
      color: paintable.colour,
      rgba: paintable.colour,
      columnPixelSpacing: shape.pixelWidth,
      rowPixelSpacing: shape.pixelHeight,
      sizeInBytes: paintable.pixels.byteLength,
      getPixelData: () => paintable.pixels,
    }
    cornerstone.displayImage(this.element, image, cornerstoneViewport(view, shape, this.ratio, table))
  }

  /** Zoom, position, turn or window changed; drawn in the next frame. */
  update(view: PictureView, shape: PictureShape): void {
    if (this.shape === null || this.shown === null) return
    this.shape = shape
    const { key, paintable, isCurved } = this.shown
    const table = this.tableOf(paintable, view.window)
    if ((table !== undefined) === isCurved)
      cornerstone.setViewport(this.element, cornerstoneViewport(view, shape, this.ratio, table))
    else this.display(key, paintable, shape, view)
  }

  /** The table of a window with a curve, made once: another object would have the picture rendered anew at each move. */
  private tableOf(paintable: PaintablePixels, window: ViewportWindow): VoiTable | undefined {
    if (window.curve === undefined || paintable.colour) return undefined
    if (this.table?.window !== window || this.table.paintable !== paintable)
      this.table = { window, paintable, table: voiTable(window, paintable) }
    return this.table.table
  }

  /** Shows nothing. */
  clear(): void {
    this.shape = null
    this.shown = null
    this.element.style.visibility = 'hidden'
  }

  /** A CSS filter on the picture alone, or `none`. */
  setFilter(filter: string): void {
    this.element.style.filter = filter
  }

  /** The whole picture at its own size after windowing, as last drawn; grey ones are white with alpha, to be put on black. */
  windowedPicture(): HTMLCanvasElement | null {
    if (this.shape === null) return null
    return cornerstone.getEnabledElement(this.element).renderingTools.renderCanvas ?? null
  }

  close(): void {
    this.element.removeEventListener('cornerstoneprerender', this.beforeDrawn)
    this.element.removeEventListener('cornerstoneimagerendered', this.onDrawn)
    cornerstone.disable(this.element)
    this.element.remove()
  }

  private readonly beforeDrawn = (): void => {
    const context = cornerstone.getEnabledElement(this.element).canvas.getContext('2d')
    if (context !== null) context.imageSmoothingQuality = 'high'
  }
}
