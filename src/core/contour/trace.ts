import type { Grid } from '../../contract'
import type { Mask } from '../image/mask'

/**
 * Marching squares that walks each outline once.
 *
 * The walker stands on a link between a pixel inside (on its right) and one outside (on its left), so outer rings run
 * clockwise on the screen and have a positive area (polygon.ts), holes run the other way and have a negative one.
 *
 *     left ahead | right ahead        only right ahead is inside: straight on      none: turn right
 *     -----------+------------        both: turn left                              only left ahead: a saddle
 *        outside ^ inside             a saddle joins the two pixels inside it where the bilinear surface does, else parts
 *                                     them; either way the two lines through the cell cannot meet.
 *
 * Beyond the edge of the grid all is background at the mirrored value, so a shape that leaves the grid is closed half
 * a pixel outside its last pixel centres: along the grid's border.
 */

/** A closed outline: x0, y0, x1, y1, …; the last vertex joins the first. */
export type Ring = Float32Array

/** Vertices keep this far from pixel centres, so that rings never touch and a pixel is always clearly in or out. */
const NEAREST_TO_CENTRE = 1 / 1024

/**
 * Outlines of the region where a field [row][column] is above zero, in pixel-centre coordinates of its grid. The
 * crossing between two pixel centres is interpolated linearly. Vertices on a straight line are left out.
 */
export function traceField(field: Int8Array | Float32Array, widthPx: number, heightPx: number): Ring[] {
  if (widthPx === 0 || heightPx === 0) return []
  return walkRings(surround(field, widthPx, heightPx), widthPx + 2, heightPx + 2)
}

/** Outlines of a mask: those of a field of +1 inside and -1 outside, half way between the pixel centres. Pixels that touch only at a corner are parted. */
export function traceMask({ widthPx, heightPx, pixels }: Mask): Ring[] {
  const field = new Int8Array(pixels.length)
  for (let at = 0; at < pixels.length; at += 1) field[at] = pixels[at] === 0 ? -1 : 1
  return traceField(field, widthPx, heightPx)
}

/** Rings in grid coordinates to image index coordinates; all are views of one buffer, so that it can be sent whole. */
export function placeOnImage(rings: readonly Ring[], grid: Grid): Ring[] {
  const { originColumn, originRow, columnStep, rowStep } = grid
  const placed = new Float32Array(rings.reduce((sum, ring) => sum + ring.length, 0))
  let end = 0
  return rings.map((ring) => {
    const start = end
    for (let at = 0; at < ring.length; at += 2) {
      placed[end] = originColumn + (ring[at] ?? 0) * columnStep
      placed[end + 1] = originRow + (ring[at + 1] ?? 0) * rowStep
      end += 2
    }
    return placed.subarray(start, end)
  })
}

/** The field with a frame of background one pixel wide. */
function surround(
  field: Int8Array | Float32Array,
  widthPx: number,
  heightPx: number,
): Int8Array | Float32Array {
  const stride = widthPx + 2
  const length = stride * (heightPx + 2)
  const framed = field instanceof Int8Array ? new Int8Array(length) : new Float32Array(length)
  for (let row = 0; row < heightPx; row += 1) {
    framed.set(field.subarray(row * widthPx, (row + 1) * widthPx), (row + 1) * stride + 1)
  }
  const mirror = (to: number, from: number): void => {
    framed[to] = -Math.abs(framed[from] ?? 0)
  }
  for (let row = 1; row <= heightPx; row += 1) {
    mirror(row * stride, row * stride + 1)
    mirror(row * stride + widthPx + 1, row * stride + widthPx)
  }
  for (let column = 1; column <= widthPx; column += 1) {
    mirror(column, stride + column)
    mirror((heightPx + 1) * stride + column, heightPx * stride + column)
  }
  return framed
}

/** Vertices of the ring being walked; grows by doubling and is reused from ring to ring. */
interface Pen {
  line: Float64Array
  length: number
}

function walkRings(framed: Int8Array | Float32Array, stride: number, rows: number): Ring[] {
  // Each ring passes a link with outside on the left and inside on the right going up; one mark a pixel suffices.
  const walked = new Uint8Array(framed.length)
  const pen: Pen = { line: new Float64Array(1024), length: 0 }
  const rings: Ring[] = []
  for (let row = 1; row < rows - 1; row += 1) {
    const end = (row + 1) * stride - 1
    let leftInside = false
    for (let at = row * stride + 1; at < end; at += 1) {
      const inside = (framed[at] ?? 0) > 0
      if (inside && !leftInside && walked[at] === 0) {
        pen.length = 0
        walkRing(framed, stride, at, row, walked, pen)
        rings.push(new Float32Array(pen.line.subarray(0, pen.length)))
      }
      leftInside = inside
    }
  }
  return rings
}

/** Directions by clockwise turns on the screen: up, right, down, left. */
const ALONG_X = [0, 1, 0, -1]
const ALONG_Y = [-1, 0, 1, 0]

function walkRing(
  framed: Int8Array | Float32Array,
  stride: number,
  start: number,
  startRow: number,
  walked: Uint8Array,
  pen: Pen,
): void {
  let inside = start
  let heading = 0
  let x = start - startRow * stride - 1
  let y = startRow - 1
  do {
    const forwardX = ALONG_X[heading] ?? 0
    const forwardY = ALONG_Y[heading] ?? 0
    // Left of the heading (fx, fy) on a screen with y down is (fy, -fx).
    const outside = inside + forwardY - forwardX * stride
    const insideValue = framed[inside] ?? 0
    const outsideValue = framed[outside] ?? 0
    const crossing = insideValue / (insideValue - outsideValue)
    const share = Math.min(Math.max(crossing, NEAREST_TO_CENTRE), 1 - NEAREST_TO_CENTRE)
    addVertex(pen, x + share * forwardY, y - share * forwardX)
    if (heading === 0) walked[inside] = 1

    const step = forwardX + forwardY * stride
    const leftAhead = framed[outside + step] ?? 0
    const rightAhead = framed[inside + step] ?? 0
    if (rightAhead > 0) {
      inside += step
      x += forwardX
      y += forwardY
      if (leftAhead > 0) {
        inside = outside + step
        x += forwardY
        y -= forwardX
        heading = (heading + 3) & 3
      }
    } else if (leftAhead > 0 && insideValue * leftAhead > outsideValue * rightAhead) {
      // Saddle whose middle lies inside: the bilinear surface is (ad - bc) / (a + d - b - c) at its saddle point.
      inside = outside + step
      x += forwardX + forwardY
      y += forwardY - forwardX
      heading = (heading + 3) & 3
    } else {
      heading = (heading + 1) & 3
    }
  } while (inside !== start || heading !== 0)
}

/** Adds a vertex; the one before it goes if it lies exactly on the line between its neighbours. */
function addVertex(pen: Pen, x: number, y: number): void {
  const { line, length } = pen
  if (length >= 4) {
    const lastX = line[length - 2] ?? 0
    const lastY = line[length - 1] ?? 0
    const turn =
      (lastX - (line[length - 4] ?? 0)) * (y - lastY) - (lastY - (line[length - 3] ?? 0)) * (x - lastX)
    if (turn === 0) {
      line[length - 2] = x
      line[length - 1] = y
      return
    }
  }
  if (length + 2 > line.length) {
    pen.line = new Float64Array(line.length * 2)
    pen.line.set(line)
  }
  pen.line[length] = x
  pen.line[length + 1] = y
  pen.length = length + 2
}
