import { cross, dot, length, scale, subtract, type Vector } from '../geometry/vector'
import { placeOfPoint, pointOnPlane, type Plane } from './planes'
import type { VolumePlaces } from './volume-places'

/** A plane that leans less than this against a slice (sine) lies along it. */
const ALONG = 1e-3

/**
 * Where a plane cuts outlines that lie on one slice: x0 y0 x1 y1 of each piece inside them, one after another, in image
 * coordinates of the plane. The rings are closed and filled even-odd, x0 y0 x1 y1 … in index coordinates of the slice. A plane
 * along the slices and within half a step of this one is given the outlines themselves, edge by edge.
 */
export function cutOutlines(
  places: VolumePlaces,
  slice: number,
  rings: readonly Float32Array[],
  plane: Plane,
): Float32Array {
  const onSlice = slicePlane(places, slice)
  const normal = cross(plane.orientation.row, plane.orientation.column)
  /** How far a point of the slice lies from the plane: across * column + down * row + from. */
  const across = dot(normal, scale(places.orientation.row, places.spacingMm.column))
  const down = dot(normal, scale(places.orientation.column, places.spacingMm.row))
  const from = dot(subtract(onSlice.originMm, plane.originMm), normal)
  const toPlane = (column: number, row: number): readonly [number, number] => {
    const point = pointOnPlane(plane, placeOfPoint(onSlice, { column, row }))
    return [point.column, point.row]
  }
  if (length(cross(normal, places.normal)) < ALONG) {
    if (Math.abs(from) > halfStepMm(places, slice)) return new Float32Array(0)
    return Float32Array.from(rings.flatMap((ring) => edges(ring).flatMap((edge) => pairOf(edge, toPlane))))
  }
  const met = rings.flatMap((ring) =>
    edges(ring).flatMap(([x0, y0, x1, y1]): (readonly [number, number])[] => {
      const before = across * x0 + down * y0 + from
      const behind = across * x1 + down * y1 + from
      // A corner on the plane counts for the edge that rises from it alone: the pieces stay even.
      if (before >= 0 === behind >= 0) return []
      const share = before / (before - behind)
      return [toPlane(x0 + (x1 - x0) * share, y0 + (y1 - y0) * share)]
    }),
  )
  const line = cross(normal, places.normal)
  const [alongColumn, alongRow] = [dot(line, plane.orientation.row), dot(line, plane.orientation.column)]
  const sorted = met.toSorted((a, b) => (a[0] - b[0]) * alongColumn + (a[1] - b[1]) * alongRow)
  return Float32Array.from(sorted.flat())
}

type Edge = readonly [number, number, number, number]

function edges(ring: Float32Array): readonly Edge[] {
  const count = ring.length / 2
  return Array.from({ length: count }, (_, at): Edge => {
    const next = (at + 1) % count
    return [ring[2 * at] ?? 0, ring[2 * at + 1] ?? 0, ring[2 * next] ?? 0, ring[2 * next + 1] ?? 0]
  })
}

const pairOf = (
  [x0, y0, x1, y1]: Edge,
  toPlane: (column: number, row: number) => readonly [number, number],
): readonly number[] => [...toPlane(x0, y0), ...toPlane(x1, y1)]

/** A slice of the volume as the plane it is. */
export function slicePlane(
  { orientation, positionsMm, spacingMm, columns, rows }: VolumePlaces,
  slice: number,
): Plane {
  return {
    ...{ orientation, spacingMm, widthPx: columns, heightPx: rows },
    originMm: positionsMm[slice] ?? [Number.NaN, Number.NaN, Number.NaN],
  }
}

function halfStepMm({ alongMm }: VolumePlaces, slice: number): number {
  const own = alongMm[slice] ?? 0
  const steps = [own - (alongMm[slice - 1] ?? -Infinity), (alongMm[slice + 1] ?? Infinity) - own]
  return Math.min(...steps) / 2
}

/** The slice that lies nearest to a place along the normal. */
export function nearestSlice({ alongMm, positionsMm, normal }: VolumePlaces, placeMm: Vector): number {
  const heightMm = dot(subtract(placeMm, positionsMm[0] ?? placeMm), normal)
  return alongMm.reduce(
    (best, mm, slice) =>
      Math.abs(mm - heightMm) < Math.abs((alongMm[best] ?? Infinity) - heightMm) ? slice : best,
    0,
  )
}

/** The foot of a place on a slice, along the normal. */
export function ontoSlice({ positionsMm, normal }: VolumePlaces, slice: number, placeMm: Vector): Vector {
  const aboveMm = dot(subtract(placeMm, positionsMm[slice] ?? placeMm), normal)
  return subtract(placeMm, scale(normal, aboveMm))
}
