/**
 * Scaling a picture, one axis at a time, in float64. With s = input size / output size per axis:
 *
 *   s >= 1   exact area average: output pixel i is the mean of [i s, (i + 1) s), pixels at its ends counted by the
 *            part they cover
 *   s <  1   linear between pixel centres, (i + 1/2) s - 1/2, the edge pixel repeated outside
 *
 * The trainer does the same (test/conformance/inference/package-photograph.test.ts holds both to it), so that a photograph has
 * one scaled form. Grid of the result: origin (s - 1) / 2, step s.
 */

/** One channel, row by row from the top left, `widthPx * heightPx` values. */
export interface Plane {
  readonly widthPx: number
  readonly heightPx: number
  readonly values: ArrayLike<number>
}

export interface SizePx {
  readonly widthPx: number
  readonly heightPx: number
}

/** Which input pixels, from `first` on, make one output pixel, and how much of each. Weights sum to 1. */
interface Tap {
  readonly first: number
  readonly weights: readonly number[]
}

/** A plane of another size; see the head of the file. */
export function resamplePlane(plane: Plane, size: SizePx): Plane & { readonly values: Float64Array } {
  const across = taps(plane.widthPx, size.widthPx)
  const down = taps(plane.heightPx, size.heightPx)
  const narrow = new Float64Array(plane.heightPx * size.widthPx)
  for (let row = 0; row < plane.heightPx; row += 1) {
    const start = row * plane.widthPx
    across.forEach((tap, column) => {
      let sum = 0
      for (let at = 0; at < tap.weights.length; at += 1) {
        sum += (tap.weights[at] ?? 0) * (plane.values[start + tap.first + at] ?? 0)
      }
      narrow[row * size.widthPx + column] = sum
    })
  }
  const values = new Float64Array(size.heightPx * size.widthPx)
  down.forEach((tap, row) => {
    for (let at = 0; at < tap.weights.length; at += 1) {
      const weight = tap.weights[at] ?? 0
      const start = (tap.first + at) * size.widthPx
      for (let column = 0; column < size.widthPx; column += 1) {
        const index = row * size.widthPx + column
        values[index] = (values[index] ?? 0) + weight * (narrow[start + column] ?? 0)
      }
    }
  })
  return { ...size, values }
}

function taps(inPx: number, outPx: number): Tap[] {
  const scale = inPx / outPx
  return Array.from({ length: outPx }, (_, index) =>
    scale >= 1 ? areaTap(index, scale, inPx) : linearTap(index, scale, inPx),
  )
}

function areaTap(index: number, scale: number, inPx: number): Tap {
  const begin = index * scale
  const end = Math.min((index + 1) * scale, inPx)
  const first = Math.floor(begin)
  const last = Math.min(Math.ceil(end), inPx)
  const covered = Array.from(
    { length: last - first },
    (_, at) => Math.min(end, first + at + 1) - Math.max(begin, first + at),
  )
  return { first, weights: covered.map((part) => part / scale) }
}

function linearTap(index: number, scale: number, inPx: number): Tap {
  const centre = Math.min(Math.max((index + 0.5) * scale - 0.5, 0), inPx - 1)
  const first = Math.min(Math.floor(centre), Math.max(inPx - 2, 0))
  const beyond = centre - first
  return { first, weights: inPx === 1 ? [1] : [1 - beyond, beyond] }
}
