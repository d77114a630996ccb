/** A canvas for each thing that is painted pixel by pixel: made when it is first asked for, and kept as long as the thing. */
export function paintedOnce<T extends object>(
  paint: (thing: T) => {
    readonly widthPx: number
    readonly heightPx: number
    readonly rgba: Uint8ClampedArray<ArrayBuffer>
  },
): (thing: T) => HTMLCanvasElement {
  const painted = new WeakMap<T, HTMLCanvasElement>()
  return (thing) => {
    const known = painted.get(thing)
    if (known !== undefined) return known
    const { widthPx, heightPx, rgba } = paint(thing)
    const canvas = document.createElement('canvas')
    canvas.width = widthPx
    canvas.height = heightPx
    canvas.getContext('2d')?.putImageData(new ImageData(rgba, widthPx, heightPx), 0, 0)
    painted.set(thing, canvas)
    return canvas
  }
}
