/** Distances in millimetres to simple shapes, negative inside; and how much of a pixel lies inside. */

/** Share of a pixel inside a shape whose border is `distanceMm` away, blurred over `softMm`. */
export function coverage(distanceMm: number, softMm: number): number {
  const t = 0.5 - distanceMm / softMm
  if (t <= 0) return 0
  if (t >= 1) return 1
  return t * t * (3 - 2 * t)
}

/** Paints a value over another by its coverage. */
export const over = (below: number, value: number, share: number): number => below + (value - below) * share

/** Math.hypot guards against overflow that millimetres do not reach, and is ten times slower. */
export const length2 = (x: number, y: number): number => Math.sqrt(x * x + y * y)

/** Length of a vector in space. */
export const length3 = (x: number, y: number, z: number): number => Math.sqrt(x * x + y * y + z * z)

/** About the distance to an axis-parallel ellipse (exact on circles and on the axes). */
export function ellipseDistance(x: number, y: number, radiusX: number, radiusY: number): number {
  const scaled = length2(x / radiusX, y / radiusY)
  if (scaled < 1e-9) return -Math.min(radiusX, radiusY)
  return length2(x, y) * (1 - 1 / scaled)
}

/** Distance to a circle. */
export const circleDistance = (x: number, y: number, radius: number): number => length2(x, y) - radius

/** A bell of height 1 and the given half width. */
export const bell = (x: number, width: number): number => Math.exp(-((x / width) ** 2))

/** 0 below `from`, 1 above `to`, smooth between. */
export function ramp(x: number, from: number, to: number): number {
  const t = Math.min(1, Math.max(0, (x - from) / (to - from)))
  return t * t * (3 - 2 * t)
}
