import { canvasMap, fitCamera, gridCamera, isSameCamera, pannedBy, pictureShape, zoomedAt } from './camera'
import type { Camera, CanvasMap, CanvasPoint, CanvasSize, PictureShape } from './camera'
import type { Grid } from '../../contract'
import { PictureSurface } from './pixels/cornerstone-adapter'
import { paintInset } from './inset/inset-canvas'
import { insetView } from './inset/inset-view'
import type { InsetView } from './inset/inset-view'
import { contoursInPlace, layerShown, paintMarks } from './overlays/paint-scene'
import type { Scene } from './overlays/scene'
import { paintablePixels } from './pixels/picture-pixels'
import { widestSpread } from './pixels/pixel-spread'
import { ScenePainter } from './scene-painter'
import { clearSheet, fitCanvas, SheetStack } from './pixels/sheet-stack'
import type {
  CrossMarks,
  MeasuredMark,
  OwnDrawing,
  PhotographChannel,
  Ruler,
  ViewportPicture,
  ViewportWindow,
} from './viewport-types'
import type { ImagePoint } from '../../core/geometry/image-point'
import { AS_ACQUIRED, type Turn } from './turn'
import type { Ring } from './worker/overlay-types'

/** What the viewport shows besides the picture. */
export interface Shown {
  readonly scene: Scene
  /** X: the picture alone. */
  readonly hidden: boolean
  readonly rulers: readonly Omit<Ruler, 'pictureKey'>[]
  readonly probe: ImagePoint | null
  readonly own: OwnDrawing | null
  readonly cross: CrossMarks | null
  readonly keyCursor: ImagePoint | null
  readonly measured: readonly MeasuredMark[]
  readonly explored: readonly Ring[]
}

/** Where the picture lies now. */
export interface ViewportLayout {
  readonly camera: Camera
  readonly map: CanvasMap
  readonly size: CanvasSize
  readonly shape: PictureShape
  /** Zoom of the whole picture. */
  readonly fitZoom: number
  /** The picture is shown whole, and stays so when the window changes its size. */
  readonly isWhole: boolean
  readonly inset: InsetView | null
}

export interface ViewportListener {
  /** Zoom, position, size or inset changed. */
  readonly layoutChanged: (layout: ViewportLayout) => void
  /** The picture was painted anew after its pixels or its window changed. */
  readonly pictureChanged: () => void
}

/** The window that shows a picture whole: a photograph as stored, a grey picture over its range. */
export function wholeWindow(picture: ViewportPicture): ViewportWindow {
  if (picture.description.type === 'rgb8') return { centre: 128, width: 256 }
  const { slope, intercept, minStored, maxStored } = picture.description
  const width = Math.abs(slope) * (maxStored - minStored) + 1
  return { centre: (slope * (minStored + maxStored)) / 2 + intercept + 0.5, width }
}

/**
 * One image on the screen with everything over it. Opened on an element, closed when the element goes. The picture
 * is painted by cornerstone in its animation frame; overlays are painted in the same frame, so they never lag behind.
 */
export class Viewport {
  private readonly surface: PictureSurface
  private readonly sheets: SheetStack
  private readonly painter: ScenePainter
  private readonly insetCanvas = document.createElement('canvas')
  private picture: ViewportPicture | null = null
  private shape: PictureShape = pictureShape(1, 1, null)
  private size: CanvasSize = { width: 1, height: 1 }
  private turn: Turn = AS_ACQUIRED
  private ratio = 1
  private camera: Camera = { zoom: 1, centre: { column: 0, row: 0 } }
  /** What is shown whole, and stays so when the window changes its size; null once the user has moved the picture. */
  private held: Grid | 'picture' | null = 'picture'
  private window: ViewportWindow = { centre: 128, width: 256 }
  private inverted = false
  private shown: Shown | null = null
  private insetCentre: ImagePoint | null = null
  private insetSubject = ''
  private insetPainted = ''
  private insetScene: Scene | null = null
  private pictureIsNew = false
  private pictureVersion = 0
  private frame: number | null = null
  private sceneIsNew = true

  constructor(
    host: HTMLElement,
    private readonly listener: ViewportListener,
  ) {
    this.surface = new PictureSurface(host, this.pictureDrawn)
    this.sheets = new SheetStack(host)
    this.painter = new ScenePainter(this.sheets)
    Object.assign(this.insetCanvas.style, { position: 'absolute', pointerEvents: 'none', display: 'none' })
    this.insetCanvas.dataset['sheet'] = 'inset'
    host.append(this.insetCanvas)
  }

  close(): void {
    if (this.frame !== null) cancelAnimationFrame(this.frame)
    this.painter.close()
    this.surface.close()
    this.sheets.close()
    this.insetCanvas.remove()
  }

  resize(size: CanvasSize, ratio: number): void {
    if (size.width < 1 || size.height < 1) return
    this.size = size
    this.ratio = ratio
    this.surface.resize(size, ratio)
    this.painter.resize(size, ratio)
    this.sceneIsNew = true
    this.moveTo(this.heldCamera())
  }

  /** Shows a picture; a new subject is fitted, another slice of the same one keeps zoom and position. */
  show(picture: ViewportPicture | null, channel: PhotographChannel, window: ViewportWindow | null): void {
    const sameSubject = picture !== null && picture.subjectKey === this.picture?.subjectKey
    this.picture = picture
    if (picture === null) {
      this.surface.clear()
      this.repaint(true)
      return
    }
    const { widthPx, heightPx } = picture.description
    this.shape = pictureShape(widthPx, heightPx, picture.pixelSpacingMm, this.turn)
    this.window = window ?? wholeWindow(picture)
    if (!sameSubject) {
      this.held = 'picture'
      this.camera = this.heldCamera()
    }
    this.pictureIsNew = true
    const view = { camera: this.camera, window: this.window, inverted: this.inverted }
    this.surface.display(`${picture.key} ${channel}`, paintablePixels(picture, channel), this.shape, view)
    this.tellLayout()
  }

  setWindow(window: ViewportWindow | null, inverted: boolean): void {
    // Said before the first picture too: that one is painted as it.
    this.inverted = inverted
    if (this.picture === null) return
    this.window = window ?? wholeWindow(this.picture)
    this.pictureIsNew = true
    this.updateSurface()
  }

  /** Turns the picture and all over it; what was shown whole stays whole, else the middle of the view stays. */
  setTurn(turn: Turn): void {
    this.turn = turn
    if (this.picture === null) return
    this.shape = { ...this.shape, turn }
    this.sceneIsNew = true
    if (this.held === null) this.setCamera(this.camera)
    else this.moveTo(this.heldCamera())
  }

  /** Everything over the picture. `marksOnly`: only rulers and probe differ from before. */
  setShown(shown: Shown, marksOnly: boolean): void {
    this.shown = shown
    this.surface.setFilter(this.dimmed() ? 'brightness(0.72) saturate(0.5)' : 'none')
    if (!marksOnly) this.tellLayout()
    this.repaint(!marksOnly)
  }

  /** The whole picture, as large as fits. */
  fit(): void {
    this.held = 'picture'
    this.moveTo(this.heldCamera())
  }

  showGrid(grid: Grid): void {
    this.held = grid
    this.moveTo(this.heldCamera())
  }

  zoomAt(factor: number, anchor: CanvasPoint): void {
    this.held = null
    this.moveTo(zoomedAt(this.camera, factor, anchor, this.shape, this.size))
  }

  panBy(dx: number, dy: number): void {
    this.held = null
    this.moveTo(pannedBy(this.camera, dx, dy, this.shape))
  }

  /** A camera under which the picture is shown whole holds it whole: a gesture that was taken back moved nothing. */
  setCamera(camera: Camera): void {
    this.held = isSameCamera(camera, fitCamera(this.shape, this.size)) ? 'picture' : null
    this.moveTo(camera)
  }

  /** Centres the inset's box on an image point. */
  setInsetCentre(centre: ImagePoint): void {
    this.insetCentre = centre
    this.tellLayout()
    this.paintInset()
    this.repaint(false)
  }

  layout(): ViewportLayout {
    return {
      camera: this.camera,
      map: canvasMap(this.camera, this.shape, this.size),
      size: this.size,
      shape: this.shape,
      fitZoom: fitCamera(this.shape, this.size).zoom,
      isWhole: this.held === 'picture',
      inset: this.inset(),
    }
  }

  currentWindow(): ViewportWindow {
    return this.window
  }

  /** The whole picture at its own size after windowing; grey ones are white with alpha. */
  windowedPicture(): HTMLCanvasElement | null {
    return this.surface.windowedPicture()
  }

  private heldCamera(): Camera {
    if (this.held === null) return this.camera
    if (this.held === 'picture') return fitCamera(this.shape, this.size)
    return gridCamera(this.held, this.shape, this.size)
  }

  private moveTo(camera: Camera): void {
    this.camera = camera
    this.updateSurface()
    this.tellLayout()
  }

  private updateSurface(): void {
    if (this.picture === null) return
    this.surface.update({ camera: this.camera, window: this.window, inverted: this.inverted }, this.shape)
  }

  private tellLayout(): void {
    this.listener.layoutChanged(this.layout())
  }

  private dimmed(): boolean {
    if (this.shown === null || this.shown.hidden || this.shown.scene.overlay === null) return false
    return this.shown.scene.look.isWhole && layerShown(this.shown.scene, 'variance')
  }

  private inset(): InsetView | null {
    const scene = this.shown?.scene
    if (this.picture === null || scene === undefined || this.shown?.hidden === true) return null
    if (scene.overlay === null || contoursInPlace(scene)) return null
    // Two views side by side are too narrow for it: compared contours are read in their own view.
    const { lens } = scene.layers
    if (scene.compared !== null || lens === 'closed') return null
    if (this.insetCentre === null || this.insetSubject !== this.picture.subjectKey) {
      this.insetSubject = this.picture.subjectKey
      this.insetCentre = widestSpread(scene.overlay)
    }
    const map = canvasMap(this.camera, this.shape, this.size)
    return insetView(this.insetCentre, map, this.camera.zoom, this.shape, this.size, lens)
  }

  private readonly pictureDrawn = (): void => {
    const map = canvasMap(this.camera, this.shape, this.size)
    if (this.pictureIsNew) this.pictureVersion += 1
    if (this.sceneIsNew) this.paintScene(map)
    else this.painter.move(map)
    this.paintMarks(map)
    this.paintInset()
    if (!this.pictureIsNew) return
    this.pictureIsNew = false
    this.listener.pictureChanged()
  }

  /** Asks for one frame; what was asked for before stays asked for. */
  private repaint(sceneIsNew: boolean): void {
    this.sceneIsNew = this.sceneIsNew || sceneIsNew
    this.frame ??= requestAnimationFrame(() => {
      this.frame = null
      const map = canvasMap(this.camera, this.shape, this.size)
      if (this.sceneIsNew) {
        this.paintScene(map)
        this.paintInset()
      }
      this.paintMarks(map)
    })
  }

  /** What is shown over the picture; null while there is none or all is hidden. */
  private get visible(): Shown | null {
    return this.picture === null || this.shown?.hidden === true ? null : this.shown
  }

  private paintScene(map: CanvasMap): void {
    this.sceneIsNew = false
    this.painter.paint(this.visible?.scene ?? null, map)
  }

  private paintMarks(map: CanvasMap): void {
    const sheet = this.sheets.clearMarks(map)
    const { visible } = this
    if (sheet === null || visible === null) return
    paintMarks(sheet, visible.scene, { ...visible, inset: this.inset() })
  }

  private paintInset(): void {
    const inset = this.inset()
    const picture = this.surface.windowedPicture()
    const scene = this.shown?.scene
    this.insetCanvas.style.display = inset === null ? 'none' : 'block'
    if (inset === null || picture === null || scene === undefined) return
    this.insetCanvas.style.left = `${inset.place.left}px`
    this.insetCanvas.style.top = `${inset.place.top}px`
    const { columnX, columnY, rowX, rowY, offsetX, offsetY } = inset.map
    const place = [columnX, columnY, rowX, rowY, offsetX, offsetY]
    const painted = [this.pictureVersion, ...place, inset.sidePx, this.ratio].join(' ')
    // Moving the picture around the inset changes nothing in it.
    if (this.insetPainted === painted && this.insetScene === scene) return
    this.insetPainted = painted
    this.insetScene = scene
    const side = { width: inset.sidePx, height: inset.sidePx }
    fitCanvas(this.insetCanvas, side, this.ratio)
    const sheet = clearSheet(this.insetCanvas, inset.map, side, this.ratio)
    if (sheet !== null) paintInset(sheet, scene, picture)
  }
}
