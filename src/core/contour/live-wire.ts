/**
 * Live-wire: the path that keeps best to edges between a seed and the pointer (Mortensen and Barrett, Intelligent
 * Scissors, SIGGRAPH 1995). The cost of a step from pixel p to a neighbour q is
 *
 *     length(p, q) * (0.43 fZ(q) + 0.43 fD(p, q) + 0.14 fG(q))
 *
 *     fZ  0 where the Laplacian changes its sign at q (q the nearer side of the change), else 1
 *     fG  1 - gradient(q) / largest gradient of the window
 *     fD  0 where the step runs along both pixels' edge direction, 1 where it crosses them (their f_D, at most 1)
 *
 * on values smoothed a little. The paper weighs only fG with the step's length; here all is, so that diagonals are
 * no shortcut. Costs are whole numbers, so the queue is buckets (Dial 1969). Costs are made once a window, paths to
 * every pixel of it once a seed, and a path to the pointer is then read off.
 */
import { clipBox, type ImagePosition, type PixelBox, type ValueSlice } from './slice-mask'

/** Edges of one window of a slice. Arrays are [row][column] of the box. */
export interface EdgeWindow {
  readonly box: PixelBox
  /** 0.43 fZ + 0.14 fG at each pixel. */
  readonly pixelCost: Float32Array
  /** Unit vector along the edge at each pixel, at right angles to the gradient; 0, 0 where there is none. */
  readonly alongX: Float32Array
  readonly alongY: Float32Array
}

const WEIGHT_ZERO_CROSSING = 0.43
const WEIGHT_GRADIENT = 0.14

/** The edges within `window` (clipped to the slice): some 256 x 256 around the pointer keeps a seed under 20 ms. */
export function findEdges(slice: ValueSlice, window: PixelBox): EdgeWindow {
  const box = clipBox(window, slice)
  const { widthPx, heightPx } = box
  const smoothed = smoothWindow(slice, box)
  const count = widthPx * heightPx
  const laplacian = new Float32Array(count)
  const gradient = new Float32Array(count)
  const alongX = new Float32Array(count)
  const alongY = new Float32Array(count)
  let steepest = 0
  for (let at = 0; at < count; at += 1) {
    const column = at % widthPx
    const row = (at - column) / widthPx
    const here = smoothed[at] ?? 0
    // At the window's border the value goes on as it is.
    const left = column > 0 ? (smoothed[at - 1] ?? 0) : here
    const right = column < widthPx - 1 ? (smoothed[at + 1] ?? 0) : here
    const up = row > 0 ? (smoothed[at - widthPx] ?? 0) : here
    const down = row < heightPx - 1 ? (smoothed[at + widthPx] ?? 0) : here
    const [dx, dy] = [(right - left) / 2, (down - up) / 2]
    const length = Math.hypot(dx, dy)
    laplacian[at] = left + right + up + down - 4 * here
    gradient[at] = length
    steepest = Math.max(steepest, length)
    if (length > 0) {
      alongX[at] = dy / length
      alongY[at] = -dx / length
    }
  }
  const pixelCost = new Float32Array(count)
  for (let at = 0; at < count; at += 1) {
    const flatness = steepest > 0 ? 1 - (gradient[at] ?? 0) / steepest : 1
    const offEdge = isZeroCrossing(laplacian, at, widthPx, heightPx) ? 0 : 1
    pixelCost[at] = WEIGHT_ZERO_CROSSING * offEdge + WEIGHT_GRADIENT * flatness
  }
  return { box, pixelCost, alongX, alongY }
}

/** Whether the Laplacian has the other sign at a neighbour by side that is further from zero. */
function isZeroCrossing(laplacian: Float32Array, at: number, widthPx: number, heightPx: number): boolean {
  const here = laplacian[at] ?? 0
  const column = at % widthPx
  const beyond = (other: number): boolean => {
    const there = laplacian[other] ?? 0
    return here * there < 0 && Math.abs(here) <= Math.abs(there)
  }
  return (
    (column > 0 && beyond(at - 1)) ||
    (column < widthPx - 1 && beyond(at + 1)) ||
    (at >= widthPx && beyond(at - widthPx)) ||
    (at < (heightPx - 1) * widthPx && beyond(at + widthPx))
  )
}

/** Steps to the eight neighbours. */
const STEP_X = Int8Array.of(1, -1, 0, 0, 1, -1, 1, -1)
const STEP_Y = Int8Array.of(0, 0, 1, -1, 1, -1, -1, 1)

const WEIGHT_DIRECTION = 0.43
const COST_UNITS = 255

/** Cost of the step from pixel p to its neighbour q = p + (x, y), in whole units, at least 1. */
export function stepCost(edges: EdgeWindow, p: number, q: number, x: number, y: number): number {
  const length = x !== 0 && y !== 0 ? Math.SQRT2 : 1
  const { alongX, alongY } = edges
  const atP = ((alongX[p] ?? 0) * x + (alongY[p] ?? 0) * y) / length
  const atQ = ((alongX[q] ?? 0) * x + (alongY[q] ?? 0) * y) / length
  // The link points the way that p's edge runs; q's edge should run the same way, not against it.
  const turned = atP < 0 ? -1 : 1
  const direction = (arcCosine(atP * turned) + arcCosine(atQ * turned)) / (1.5 * Math.PI)
  const cost = (edges.pixelCost[q] ?? 0) + WEIGHT_DIRECTION * direction
  // `| 0` cuts to whole numbers; Math.round makes a seed take half as long again.
  return 1 + ((COST_UNITS * length * cost) | 0)
}

/** acos by table: a window asks for half a million. */
const ARC_COSINES = Float32Array.from({ length: 2049 }, (_, at) => Math.acos(Math.min(1, at / 1024 - 1)))
const arcCosine = (cosine: number): number => ARC_COSINES[(cosine * 1024 + 1024.5) | 0] ?? 0

/** Dearest step: length sqrt 2, every term 1. */
const MOST_STEP_COST = Math.ceil(COST_UNITS * Math.SQRT2) + 1

/** Best ways from every pixel of a window to a seed. */
export interface LiveWire {
  readonly box: PixelBox
  /** Index within the box of the next pixel on the way to the seed; -1 at the seed. */
  readonly next: Int32Array
  /** Whole cost of the way to the seed, in units of 1 / 255 of a step of cost 1. */
  readonly cost: Int32Array
}

/** The best ways to a seed from every pixel of the window; a seed outside is taken to the nearest pixel of the window. Null for an empty window. */
export function seedLiveWire(edges: EdgeWindow, seed: ImagePosition): LiveWire | null {
  const { box } = edges
  const start = nearestIndex(box, seed)
  if (start === null) return null
  const { widthPx, heightPx } = box
  const next = new Int32Array(widthPx * heightPx).fill(-1)
  const cost = new Int32Array(widthPx * heightPx).fill(0x7fffffff)
  const isDone = new Uint8Array(widthPx * heightPx)
  // Bucket c holds pixels whose cost is c modulo the number of buckets; open costs never differ by more.
  const buckets: number[][] = Array.from({ length: MOST_STEP_COST + 1 }, () => [])
  cost[start] = 0
  buckets[0]?.push(start)
  let waiting = 1
  for (let now = 0; waiting > 0; now += 1) {
    const bucket = buckets[now % buckets.length] ?? []
    for (let p = bucket.pop(); p !== undefined; p = bucket.pop()) {
      waiting -= 1
      if (isDone[p] === 1) continue
      isDone[p] = 1
      const column = p % widthPx
      const row = (p - column) / widthPx
      for (let way = 0; way < 8; way += 1) {
        const x = STEP_X[way] ?? 0
        const y = STEP_Y[way] ?? 0
        if (column + x < 0 || column + x >= widthPx || row + y < 0 || row + y >= heightPx) continue
        const q = p + y * widthPx + x
        if (isDone[q] === 1) continue
        const through = now + stepCost(edges, p, q, x, y)
        if (through >= (cost[q] ?? 0)) continue
        cost[q] = through
        next[q] = p
        buckets[through % buckets.length]?.push(q)
        waiting += 1
      }
    }
  }
  return { box, next, cost }
}

/**
 * The path from the seed to the pointer through pixel centres, both ends included: x0, y0, x1, y1, … in image
 * coordinates, ready to be drawn or, closed, to be filled. A pointer outside the window is taken to its nearest pixel.
 */
export function pathTo({ box, next }: LiveWire, pointer: ImagePosition): Float32Array {
  const back: number[] = []
  for (let at = nearestIndex(box, pointer) ?? -1; at >= 0; at = next[at] ?? -1) back.push(at)
  const path = new Float32Array(2 * back.length)
  back.reverse().forEach((at, index) => {
    path[2 * index] = box.column + (at % box.widthPx)
    path[2 * index + 1] = box.row + Math.floor(at / box.widthPx)
  })
  return path
}

function nearestIndex(box: PixelBox, { column, row }: ImagePosition): number | null {
  if (box.widthPx === 0 || !Number.isFinite(column) || !Number.isFinite(row)) return null
  const x = Math.min(Math.max(Math.round(column) - box.column, 0), box.widthPx - 1)
  const y = Math.min(Math.max(Math.round(row) - box.row, 0), box.heightPx - 1)
  return y * box.widthPx + x
}

/** Standard deviation of the Gaussian before differences are taken: CT noise has no say, a wall of 2 px stays. */
const SMOOTHING_SD_PX = 1
const SMOOTHING = [0, 1, 2, 3].map((at) => Math.exp((-at * at) / (2 * SMOOTHING_SD_PX * SMOOTHING_SD_PX)))
const SMOOTHING_SUM = SMOOTHING.reduce((sum, weight, at) => sum + (at === 0 ? weight : 2 * weight), 0)

/** The window's values after a Gaussian, which may look beyond the window but not beyond the image. */
function smoothWindow({ widthPx, heightPx, values }: ValueSlice, box: PixelBox): Float32Array {
  const reach = SMOOTHING.length - 1
  const top = Math.max(0, box.row - reach)
  const rows = Math.min(heightPx, box.row + box.heightPx + reach) - top
  const across = new Float32Array(box.widthPx * rows)
  for (let row = 0; row < rows; row += 1) {
    const start = (top + row) * widthPx
    for (let column = 0; column < box.widthPx; column += 1) {
      let sum = 0
      for (let by = -reach; by <= reach; by += 1) {
        const from = Math.min(Math.max(box.column + column + by, 0), widthPx - 1)
        sum += (SMOOTHING[Math.abs(by)] ?? 0) * (values[start + from] ?? 0)
      }
      across[row * box.widthPx + column] = sum / SMOOTHING_SUM
    }
  }
  const smoothed = new Float32Array(box.widthPx * box.heightPx)
  for (let row = 0; row < box.heightPx; row += 1) {
    for (let column = 0; column < box.widthPx; column += 1) {
      let sum = 0
      for (let by = -reach; by <= reach; by += 1) {
        const from = Math.min(Math.max(box.row + row + by - top, 0), rows - 1)
        sum += (SMOOTHING[Math.abs(by)] ?? 0) * (across[from * box.widthPx + column] ?? 0)
      }
      smoothed[row * box.widthPx + column] = sum / SMOOTHING_SUM
    }
  }
  return smoothed
}
