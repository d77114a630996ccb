import type { Ring } from '../worker/overlay-types'
import { boxToImage, toCanvas } from '../camera'
import type { CanvasMap, CanvasPoint, CanvasSize } from '../camera'
import type { Sheet } from './scene'

/**
 * Tracing of outlines onto a canvas. The vessels of a photograph are rings of 20 000 vertices, of which a zoomed
 * view shows a few hundred: each ring is cut once into chunks with their boxes, and only chunks in view are traced.
 */
interface Chunk {
  /** Vertices first..last, both included; the last of one chunk is the first of the next. */
  readonly first: number
  readonly last: number
  readonly box: Box
  /** Length of the ring before this chunk in image pixels, so that dashes run on. */
  readonly lengthBeforePx: number
}

export interface Box {
  readonly left: number
  readonly top: number
  readonly right: number
  readonly bottom: number
}

const CHUNK_VERTICES = 48
const chunksOfRing = new WeakMap<Ring, readonly Chunk[]>()

function chunksOf(ring: Ring): readonly Chunk[] {
  const known = chunksOfRing.get(ring)
  if (known !== undefined) return known
  const vertices = ring.length / 2
  const chunks: Chunk[] = []
  let lengthPx = 0
  for (let first = 0; first < vertices; first += CHUNK_VERTICES) {
    const last = Math.min(first + CHUNK_VERTICES, vertices)
    const lengthBeforePx = lengthPx
    let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity]
    for (let vertex = first; vertex <= last; vertex += 1) {
      const [column, row] = vertexAt(ring, vertex)
      left = Math.min(left, column)
      right = Math.max(right, column)
      top = Math.min(top, row)
      bottom = Math.max(bottom, row)
      if (vertex > first) {
        const [before, above] = vertexAt(ring, vertex - 1)
        lengthPx += Math.hypot(column - before, row - above)
      }
    }
    chunks.push({ first, last, box: { left, top, right, bottom }, lengthBeforePx })
  }
  chunksOfRing.set(ring, chunks)
  return chunks
}

/** Vertex by number; the one after the last is the first again. */
function vertexAt(ring: Ring, vertex: number): readonly [number, number] {
  const at = (vertex * 2) % ring.length
  return [ring[at] ?? 0, ring[at + 1] ?? 0]
}

/** The part of the image that the canvas shows, with a rim of a few CSS pixels for line widths. */
export function visibleBox(map: CanvasMap, size: CanvasSize): Box {
  const rim = 6
  return boxToImage(map, { left: -rim, top: -rim, right: size.width + rim, bottom: size.height + rim })
}

const meets = (a: Box, b: Box): boolean =>
  a.left <= b.right && b.left <= a.right && a.top <= b.bottom && b.top <= a.bottom

/** A run of chunks in view that hang together. */
export interface VisibleRun {
  readonly first: number
  readonly last: number
  /** The run is the whole ring. */
  readonly closed: boolean
  readonly lengthBeforePx: number
}

/** Long rings are drawn in pieces of about this many vertices, so that drawing can stop between frames. */
const PIECE_VERTICES = 960

/** The parts of a ring that the box touches, in order. */
export function visibleRuns(ring: Ring, box: Box): VisibleRun[] {
  const chunks = chunksOf(ring)
  const runs: VisibleRun[] = []
  for (const chunk of chunks) {
    if (!meets(chunk.box, box)) continue
    const before = runs.at(-1)
    if (before?.last === chunk.first && chunk.last - before.first <= PIECE_VERTICES) {
      runs[runs.length - 1] = { ...before, last: chunk.last }
    } else {
      runs.push({
        first: chunk.first,
        last: chunk.last,
        closed: false,
        lengthBeforePx: chunk.lengthBeforePx,
      })
    }
  }
  const only = runs.length === 1 ? runs[0] : undefined
  if (only !== undefined && only.first === 0 && only.last * 2 >= ring.length)
    return [{ ...only, closed: true }]
  return runs
}

type Pen = Pick<CanvasRenderingContext2D, 'moveTo' | 'lineTo' | 'closePath'>

/** Vertices nearer than this to the one before are passed over: they move no pixel. */
const LEAST_STEP_PX = 0.6

function traceRun(pen: Pen, ring: Ring, run: VisibleRun, map: CanvasMap): void {
  const end = run.closed ? run.last - 1 : run.last
  let [lastX, lastY] = [0, 0]
  for (let vertex = run.first; vertex <= end; vertex += 1) {
    const at = (vertex * 2) % ring.length
    const [column, row] = [ring[at] ?? 0, ring[at + 1] ?? 0]
    const x = column * map.columnX + row * map.rowX + map.offsetX
    const y = column * map.columnY + row * map.rowY + map.offsetY
    if (vertex === run.first) pen.moveTo(x, y)
    else if (vertex < end && Math.abs(x - lastX) + Math.abs(y - lastY) < LEAST_STEP_PX) continue
    else pen.lineTo(x, y)
    lastX = x
    lastY = y
  }
  if (run.closed) pen.closePath()
}

/**
 * Adds whole rings to the current path, for filling. Left out are only rings that lie beside the box: one that runs
 * around it, without a vertex in view, decides what is inside. Answers how many vertices were traced.
 */
export function traceWhole(pen: Pen, rings: readonly Ring[], map: CanvasMap, box: Box): number {
  let traced = 0
  for (const ring of rings) {
    const around = boxOfRings([ring])
    if (around === null || !meets(around, box)) continue
    const last = ring.length / 2
    traceRun(pen, ring, { first: 0, last, closed: true, lengthBeforePx: 0 }, map)
    traced += last
  }
  return traced
}

/** How an outline is drawn. */
export interface Stroke {
  readonly colour: string
  readonly alpha: number
  readonly widthPx: number
  readonly dashPx: readonly number[]
}

/**
 * Strokes rings as far as they are in view, piece by piece: yields the number of vertices of each piece, so that the
 * caller can go on in another frame.
 */
export function* strokeRings(
  sheet: Sheet,
  rings: readonly Ring[],
  stroke: Stroke,
): Generator<number, void, void> {
  const { context, map, size } = sheet
  const box = visibleBox(map, size)
  for (const ring of rings) {
    for (const run of visibleRuns(ring, box)) {
      context.save()
      context.strokeStyle = stroke.colour
      context.globalAlpha = stroke.alpha
      context.lineWidth = stroke.widthPx
      context.lineJoin = 'round'
      context.setLineDash([...stroke.dashPx])
      context.lineDashOffset = run.lengthBeforePx * map.columnPx
      context.beginPath()
      traceRun(context, ring, run, map)
      context.stroke()
      context.restore()
      yield run.last - run.first
    }
  }
}

/** Box around rings in image coordinates; null for none. */
export function boxOfRings(rings: readonly Ring[]): Box | null {
  const boxes = rings.flatMap((ring) => chunksOf(ring).map((chunk) => chunk.box))
  if (boxes.length === 0) return null
  return {
    left: Math.min(...boxes.map((box) => box.left)),
    top: Math.min(...boxes.map((box) => box.top)),
    right: Math.max(...boxes.map((box) => box.right)),
    bottom: Math.max(...boxes.map((box) => box.bottom)),
  }
}

/** Vertices of rings in view, on the canvas. */
export function visibleVertices(rings: readonly Ring[], map: CanvasMap, box: Box): CanvasPoint[] {
  return rings.flatMap((ring) =>
    visibleRuns(ring, box).flatMap((run) => {
      const points: CanvasPoint[] = []
      for (let vertex = run.first; vertex < run.last; vertex += 1) {
        const [column, row] = vertexAt(ring, vertex)
        points.push(toCanvas(map, { column, row }))
      }
      return points
    }),
  )
}

const widths = new WeakMap<readonly Ring[], number>()

/**
 * Mean width of what rings enclose, in image pixels: twice the area over the length, so that a band of width w has w and
 * a disc its radius. Holes run the other way round and take their area off.
 */
export function meanWidthPx(rings: readonly Ring[]): number {
  const known = widths.get(rings)
  if (known !== undefined) return known
  let [areaPx2, lengthPx] = [0, 0]
  for (const ring of rings) {
    const vertices = ring.length / 2
    for (let vertex = 1; vertex <= vertices; vertex += 1) {
      const [fromX, fromY] = vertexAt(ring, vertex - 1)
      const [toX, toY] = vertexAt(ring, vertex)
      areaPx2 += (fromX * toY - toX * fromY) / 2
      lengthPx += Math.hypot(toX - fromX, toY - fromY)
    }
  }
  const widthPx = lengthPx === 0 ? 0 : (2 * Math.abs(areaPx2)) / lengthPx
  widths.set(rings, widthPx)
  return widthPx
}
