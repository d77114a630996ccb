/**
 * Random walker (Grady, IEEE PAMI 28, 2006): from scribbles inside and outside a structure, each pixel of a crop gets
 * the share of random walkers starting there that meet an inside scribble first. Walkers cross an edge of the grid
 * with the weight exp(-beta d² ), d the difference of the two values in standard deviations of the crop. The shares
 * solve L_U x = -B m (eq. 9), by preconditioned conjugate gradients.
 */
import { accept, refuse, type Result } from '../../contract'
import type { PlacedMask } from './box-mask'
import { clipBox, type PixelBox, type ValueSlice } from './slice-mask'

/** What is scribbled on a crop: 0 nothing, 1 inside, 2 outside; [row][column] of the box. */
export interface Scribbles {
  readonly box: PixelBox
  readonly marks: Uint8Array
}

export interface Walk {
  /** The pixels from which more than half of the walkers reach the inside first. */
  readonly placed: PlacedMask
  /** Share of walkers that reach the inside first, [row][column] of the box: to start the next walk from. */
  readonly share: Float64Array
}

/** Falls to 1/e at 0.28 standard deviations: the 130 / 10 that scikit-image takes by default. */
const BETA = 13
/** Weight of the steepest edge, so that every walk ends. */
const LEAST_WEIGHT = 1e-6
/** Residual at which the shares are settled, as a part of the right side's: errors below 0.001 in a share, in noise too. */
const SETTLED = 1e-6
/** A crop of 128 x 128 settles in about 100 steps, in heavy noise in 700; this keeps the page from hanging. */
const MOST_STEPS = 2000

/**
 * Splits a crop by its scribbles. `from` is an earlier walk on the same box, which makes the next one shorter.
 * Refuses scribbles that lie outside the image or do not fit their box, and those of one kind only.
 */
export function walkFromScribbles(slice: ValueSlice, scribbles: Scribbles, from?: Walk): Result<Walk> {
  const { box, marks } = scribbles
  const { widthPx, heightPx } = box
  const clipped = clipBox(box, slice)
  if (clipped.widthPx !== widthPx || clipped.heightPx !== heightPx || marks.length !== widthPx * heightPx) {
    return refuse('request-invalid', `A crop of ${widthPx} × ${heightPx} px does not fit the image.`, {
      next: 'Scribble on the image.',
    })
  }
  if (!marks.includes(1) || !marks.includes(2)) {
    const missing = marks.includes(1) ? 'outside' : 'inside'
    return refuse('request-invalid', `Nothing is scribbled ${missing} the structure.`, {
      next: `Scribble ${missing} it as well.`,
    })
  }
  const grid = weightsOf(slice, box)
  const earlier = from?.share.length === marks.length ? from.share : null
  const share = Float64Array.from(marks, (mark, at) =>
    mark === 0 ? (earlier?.[at] ?? 0.5) : mark === 1 ? 1 : 0,
  )
  settle(grid, marks, share)
  const pixels = Uint8Array.from(share, (value) => (value > 0.5 ? 1 : 0))
  return accept({
    placed: { originColumn: box.column, originRow: box.row, mask: { widthPx, heightPx, pixels } },
    share,
  })
}

interface WeightedGrid {
  readonly widthPx: number
  /** From each pixel to the one on its right, and to the one below it; 0 at the border. */
  readonly right: Float64Array
  readonly below: Float64Array
}

function weightsOf(slice: ValueSlice, { column, row, widthPx, heightPx }: PixelBox): WeightedGrid {
  const values = Float64Array.from({ length: widthPx * heightPx }, (_, at) => {
    const from = (row + Math.floor(at / widthPx)) * slice.widthPx + column + (at % widthPx)
    return slice.values[from] ?? 0
  })
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length
  const scale = variance > 0 ? BETA / variance : 0
  const weight = (a: number, b: number): number =>
    Math.exp(-scale * ((values[a] ?? 0) - (values[b] ?? 0)) ** 2) + LEAST_WEIGHT
  const right = values.map((_, at) => ((at + 1) % widthPx === 0 ? 0 : weight(at, at + 1)))
  const below = values.map((_, at) => (at + widthPx < values.length ? weight(at, at + widthPx) : 0))
  return { widthPx, right, below }
}

/** Writes L x into `product`, rows of scribbled pixels left at 0; L x = degree * x - sum of weight * neighbour. */
function multiply(
  { widthPx, right, below }: WeightedGrid,
  degree: Float64Array,
  marks: Uint8Array,
  x: Float64Array,
  product: Float64Array,
): void {
  const count = x.length
  for (let at = 0; at < count; at += 1) {
    if (marks[at] !== 0) {
      product[at] = 0
      continue
    }
    let sum = (degree[at] ?? 0) * (x[at] ?? 0) - (right[at] ?? 0) * (x[at + 1] ?? 0)
    sum -= (below[at] ?? 0) * (x[at + widthPx] ?? 0)
    if (at > 0) sum -= (right[at - 1] ?? 0) * (x[at - 1] ?? 0)
    if (at >= widthPx) sum -= (below[at - widthPx] ?? 0) * (x[at - widthPx] ?? 0)
    product[at] = sum
  }
}

/**
 * Conjugate gradients on the pixels without a mark; marked pixels keep their share and stand on the right side. Works
 * on `share` itself.
 */
function settle(grid: WeightedGrid, marks: Uint8Array, share: Float64Array): void {
  const { widthPx, right, below } = grid
  const count = share.length
  const degree = right.map(
    (weight, at) =>
      weight + (below[at] ?? 0) + (at > 0 ? (right[at - 1] ?? 0) : 0) + (below[at - widthPx] ?? 0),
  )
  const factor = factorise(grid, degree, marks)
  const product = new Float64Array(count)
  const direction = new Float64Array(count)
  const fixed = share.map((value, at) => (marks[at] === 0 ? 0 : value))
  multiply(grid, degree, marks, fixed, product)
  precondition(factor, product, direction)
  const aim = SETTLED * SETTLED * dot(product, direction)
  multiply(grid, degree, marks, share, product)
  const residual = product.map((value) => -value)
  precondition(factor, residual, direction)
  const settled = direction.slice()
  let energy = dot(residual, settled)
  for (let step = 0; step < MOST_STEPS && energy > aim; step += 1) {
    multiply(grid, degree, marks, direction, product)
    const length = energy / dot(direction, product)
    if (!Number.isFinite(length)) return
    for (let at = 0; at < count; at += 1) {
      share[at] = (share[at] ?? 0) + length * (direction[at] ?? 0)
      residual[at] = (residual[at] ?? 0) - length * (product[at] ?? 0)
    }
    precondition(factor, residual, settled)
    const energyNext = dot(residual, settled)
    const turn = energyNext / energy
    for (let at = 0; at < count; at += 1) direction[at] = (settled[at] ?? 0) + turn * (direction[at] ?? 0)
    energy = energyNext
  }
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0
  for (let at = 0; at < a.length; at += 1) sum += (a[at] ?? 0) * (b[at] ?? 0)
  return sum
}

/** An incomplete factor: couplings between pixels without a mark, and pivots (0 at marked pixels). */
interface Factor {
  readonly widthPx: number
  readonly right: Float64Array
  readonly below: Float64Array
  readonly inversePivot: Float64Array
}

/** Share of the left-out fill that is put on the diagonal; a little below 1 keeps pivots away from 0. */
const FILL_KEPT = 0.97
const LEAST_PIVOT = 0.01

/**
 * Modified incomplete Cholesky factor without fill (Gustafsson, BIT 18, 1978): a quarter of the steps that the
 * diagonal alone needs.
 */
function factorise(grid: WeightedGrid, degree: Float64Array, marks: Uint8Array): Factor {
  const { widthPx } = grid
  const isFree = (at: number): boolean => marks[at] === 0
  const right = grid.right.map((weight, at) => (isFree(at) && isFree(at + 1) ? weight : 0))
  const below = grid.below.map((weight, at) => (isFree(at) && isFree(at + widthPx) ? weight : 0))
  const inversePivot = new Float64Array(degree.length)
  for (let at = 0; at < degree.length; at += 1) {
    if (!isFree(at)) continue
    const whole = degree[at] ?? 0
    const left = at > 0 ? (right[at - 1] ?? 0) : 0
    const above = below[at - widthPx] ?? 0
    const fillLeft = left > 0 ? FILL_KEPT * (below[at - 1] ?? 0) : 0
    const fillAbove = above > 0 ? FILL_KEPT * (right[at - widthPx] ?? 0) : 0
    const pivot =
      whole -
      (left > 0 ? left * (left + fillLeft) * (inversePivot[at - 1] ?? 0) : 0) -
      (above > 0 ? above * (above + fillAbove) * (inversePivot[at - widthPx] ?? 0) : 0)
    inversePivot[at] = 1 / Math.max(pivot, LEAST_PIVOT * LEAST_WEIGHT)
  }
  return { widthPx, right, below, inversePivot }
}

/** Solves with the incomplete factor: forwards, then backwards. */
function precondition(
  { widthPx, right, below, inversePivot }: Factor,
  residual: Float64Array,
  solved: Float64Array,
): void {
  const count = residual.length
  for (let at = 0; at < count; at += 1) {
    let sum = residual[at] ?? 0
    if (at > 0) sum += (right[at - 1] ?? 0) * (solved[at - 1] ?? 0)
    if (at >= widthPx) sum += (below[at - widthPx] ?? 0) * (solved[at - widthPx] ?? 0)
    solved[at] = sum * (inversePivot[at] ?? 0)
  }
  for (let at = count - 1; at >= 0; at -= 1) {
    const ahead = (right[at] ?? 0) * (solved[at + 1] ?? 0) + (below[at] ?? 0) * (solved[at + widthPx] ?? 0)
    solved[at] = (solved[at] ?? 0) + ahead * (inversePivot[at] ?? 0)
  }
}
