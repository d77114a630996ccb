import { movedCanvas, type CanvasMap, type CanvasSize } from '../camera'
import type { SceneSheets } from '../overlays/paint-scene'
import type { Sheet } from '../overlays/scene'

/** Makes a canvas as large as the viewport in device pixels, so that lines are crisp at any pixel ratio. */
export function fitCanvas(canvas: HTMLCanvasElement, size: CanvasSize, ratio: number): void {
  const width = Math.round(size.width * ratio)
  const height = Math.round(size.height * ratio)
  // Setting the same size again would clear the canvas.
  if (canvas.width !== width) canvas.width = width
  if (canvas.height !== height) canvas.height = height
  canvas.style.width = `${size.width}px`
  canvas.style.height = `${size.height}px`
}

/** An empty sheet on a canvas, in CSS pixels; null where the browser gives no context. */
export function clearSheet(
  canvas: HTMLCanvasElement,
  map: CanvasMap,
  size: CanvasSize,
  ratio: number,
): Sheet | null {
  const context = canvas.getContext('2d')
  if (context === null) return null
  context.setTransform(ratio, 0, 0, ratio, 0, 0)
  context.clearRect(0, 0, size.width, size.height)
  return { context, map, size }
}

function overlayCanvas(host: HTMLElement, name: string): HTMLCanvasElement {
  const canvas = document.createElement('canvas')
  Object.assign(canvas.style, {
    position: 'absolute',
    left: '0',
    top: '0',
    transformOrigin: '0 0',
    pointerEvents: 'none',
  })
  canvas.dataset['sheet'] = name
  host.append(canvas)
  return canvas
}

/**
 * The canvases of one painted scene, lowest first: map and bands, samples, lines. A scene that was painted for
 * another place of the picture is moved along with it until it is painted anew.
 */
class SheetSet {
  private readonly areas: HTMLCanvasElement
  private readonly samples: HTMLCanvasElement
  private readonly lines: HTMLCanvasElement
  private paintedMap: CanvasMap | null = null

  constructor(host: HTMLElement) {
    this.areas = overlayCanvas(host, 'areas')
    this.samples = overlayCanvas(host, 'samples')
    this.lines = overlayCanvas(host, 'lines')
  }

  private get all(): readonly HTMLCanvasElement[] {
    return [this.areas, this.samples, this.lines]
  }

  resize(size: CanvasSize, ratio: number): void {
    for (const canvas of this.all) fitCanvas(canvas, size, ratio)
  }

  /** Empties the sheets for a scene at this place. */
  begin(map: CanvasMap, size: CanvasSize, ratio: number): SceneSheets | null {
    this.paintedMap = map
    const areas = clearSheet(this.areas, map, size, ratio)
    const samples = clearSheet(this.samples, map, size, ratio)
    const lines = clearSheet(this.lines, map, size, ratio)
    return areas === null || samples === null || lines === null ? null : { areas, samples, lines }
  }

  show(shown: boolean): void {
    for (const canvas of this.all) canvas.style.visibility = shown ? 'visible' : 'hidden'
  }

  /** Moves what was painted to where it lies now. */
  follow(map: CanvasMap): void {
    const from = this.paintedMap
    const isSame =
      from === null || Object.entries(map).every(([name, at]) => from[name as keyof CanvasMap] === at)
    const transform = isSame ? 'none' : `matrix(${movedCanvas(from, map).join(', ')})`
    for (const canvas of this.all) canvas.style.transform = transform
  }

  remove(): void {
    for (const canvas of this.all) canvas.remove()
  }
}

/** The overlay canvases of one viewport: a set in view, a set to paint behind it, and the marks of the tools on top. */
export class SheetStack {
  private front: SheetSet
  private back: SheetSet
  private readonly marks: HTMLCanvasElement
  private size: CanvasSize = { width: 1, height: 1 }
  private ratio = 1

  constructor(host: HTMLElement) {
    this.front = new SheetSet(host)
    this.back = new SheetSet(host)
    this.back.show(false)
    this.marks = overlayCanvas(host, 'marks')
  }

  resize(size: CanvasSize, ratio: number): void {
    this.size = size
    this.ratio = ratio
    this.front.resize(size, ratio)
    this.back.resize(size, ratio)
    fitCanvas(this.marks, size, ratio)
  }

  clearMarks(map: CanvasMap): Sheet | null {
    return clearSheet(this.marks, map, this.size, this.ratio)
  }

  /** Empties the set in view, to be painted at once. */
  beginInView(map: CanvasMap): SceneSheets | null {
    const sheets = this.front.begin(map, this.size, this.ratio)
    this.front.follow(map)
    return sheets
  }

  /** Empties the set behind, to be painted over several frames. */
  beginBehind(map: CanvasMap): SceneSheets | null {
    return this.back.begin(map, this.size, this.ratio)
  }

  /** Brings the set behind into view. */
  turn(): void {
    const shown = this.back
    this.back = this.front
    this.front = shown
    this.front.show(true)
    this.back.show(false)
  }

  /** Moves what is in view along with the picture. */
  follow(map: CanvasMap): void {
    this.front.follow(map)
  }

  close(): void {
    this.front.remove()
    this.back.remove()
    this.marks.remove()
  }
}
