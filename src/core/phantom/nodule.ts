/** A part-solid nodule: a solid core in a halo of ground glass, with spicules. */
import { DRAW, phantomUniforms } from './noise'
import { coverage, length3, over } from './soft-shape'

/** Where it lies, in millimetres of the chest: periphery of the right lung. */
export const NODULE_CENTRE_MM = { x: -84, y: 6, z: 3 } as const
const CORE_RADIUS_MM = 5
const HALO_RADIUS_MM = 10.5
const HALO_HU = -560
const CORE_HU = 38
const SPICULE_HU = -180
const SPICULE_LENGTH_MM = 17
const LOBES = 7
const SPICULES = 11

type Direction = readonly [number, number, number]

const shape = phantomUniforms(DRAW.noduleShape, LOBES * 8)
const needles = phantomUniforms(DRAW.spicules, SPICULES * 3)

const directionOf = (a: number, b: number): Direction => {
  const z = a * 1.1 - 0.55
  const flat = Math.sqrt(1 - z * z)
  return [flat * Math.cos(2 * Math.PI * b), flat * Math.sin(2 * Math.PI * b), z]
}
const dot = (a: Direction, b: Direction): number => a[0] * b[0] + a[1] * b[1] + a[2] * b[2]

const lobeAxes = Array.from({ length: LOBES }, (_unused, index) =>
  directionOf(shape[index * 4] ?? 0, shape[index * 4 + 1] ?? 0),
)
const spiculeAxes = Array.from({ length: SPICULES }, (_unused, index) =>
  directionOf(needles[index * 3] ?? 0, (index + 0.6 * (needles[index * 3 + 1] ?? 0)) / SPICULES),
)

/** How far the border of core or halo departs from a sphere in a direction, as a fraction of its radius. */
function bulge(direction: Direction, sharpness: number): number {
  return lobeAxes.reduce((sum, axis, index) => {
    const height = (shape[index * 4 + 2] ?? 0) * 0.75 - 0.22
    return sum + height * Math.exp(sharpness * (dot(axis, direction) - 1))
  }, 0)
}

function spiculeHu(hu: number, point: Direction): number {
  return spiculeAxes.reduce((below, axis, index) => {
    const along = dot(axis, point)
    const length = SPICULE_LENGTH_MM * (0.75 + 0.35 * (needles[index * 3 + 2] ?? 0))
    if (along < 2 || along > length) return below
    const aside = Math.sqrt(Math.max(0, dot(point, point) - along * along))
    const radius = 1.5 * (1 - along / length) + 0.3
    return over(below, Math.max(below, SPICULE_HU), coverage(aside - radius, 1.8))
  }, hu)
}

/** Hounsfield units at a point (mm from the nodule's centre) where `lungHu` would be without the nodule. */
export function noduleHu(lungHu: number, dx: number, dy: number, dz: number): number {
  const distanceMm = length3(dx, dy, dz)
  if (distanceMm > SPICULE_LENGTH_MM * 1.15) return lungHu
  const direction: Direction =
    distanceMm < 1e-6 ? [1, 0, 0] : [dx / distanceMm, dy / distanceMm, dz / distanceMm]
  const halo = HALO_RADIUS_MM * (1 + bulge(direction, 6))
  const core = CORE_RADIUS_MM * (1 + 1.3 * bulge([-direction[1], direction[0], direction[2]], 4))
  let hu = over(lungHu, Math.max(lungHu, HALO_HU), coverage(distanceMm - halo, 4.2))
  hu = spiculeHu(hu, [dx, dy, dz])
  return over(hu, Math.max(hu, CORE_HU), coverage(distanceMm - core, 2.6))
}
