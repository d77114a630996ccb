import type { CanvasMap, CanvasSize } from './camera'
import type { Sheet } from './overlays/scene'

/** Canvases above the picture, lowest first: look/README.md "Z-order". */
const LAYERS = ['map', 'samples', 'lines', 'marks'] as const
export type SheetName = (typeof LAYERS)[number]

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
  const sheet = openSheet(canvas, map, size, ratio)
  sheet?.context.clearRect(0, 0, size.width, size.height)
  return sheet
}

/** The sheet as it stands, to draw on. */
export function openSheet(
  canvas: HTMLCanvasElement,
  map: CanvasMap,
  size: CanvasSize,
  ratio: number,
): Sheet | null {
  const context = canvas.getContext('2d')
  if (context === null) return null
  context.setTransform(ratio, 0, 0, ratio, 0, 0)
  return { context, map, size }
}

/** The overlay canvases of one viewport. */
export class SheetStack {
  private readonly canvases: ReadonlyMap<SheetName, HTMLCanvasElement>
  private ratio = 1

  constructor(host: HTMLElement) {
    this.canvases = new Map(
      LAYERS.map((name) => {
        const canvas = document.createElement('canvas')
        Object.assign(canvas.style, { position: 'absolute', left: '0', top: '0', pointerEvents: 'none' })
        canvas.dataset['sheet'] = name
        host.append(canvas)
        return [name, canvas]
      }),
    )
  }

  resize(size: CanvasSize, ratio: number): void {
    this.ratio = ratio
    for (const canvas of this.canvases.values()) fitCanvas(canvas, size, ratio)
  }

  clear(name: SheetName, map: CanvasMap, size: CanvasSize): Sheet | null {
    const canvas = this.canvases.get(name)
    return canvas === undefined ? null : clearSheet(canvas, map, size, this.ratio)
  }

  open(name: SheetName, map: CanvasMap, size: CanvasSize): Sheet | null {
    const canvas = this.canvases.get(name)
    return canvas === undefined ? null : openSheet(canvas, map, size, this.ratio)
  }

  close(): void {
    for (const canvas of this.canvases.values()) canvas.remove()
  }
}
