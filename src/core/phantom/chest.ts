/**
 * The chest without its lung vessels, as Hounsfield units at a point.
 *
 *   x mm to the patient's left, y mm to the back, z mm to the head, all from the middle of the scan.
 *   Not symmetric: heart and descending aorta on the left, liver dome on the right, so that a flip shows.
 */
import { bell, circleDistance, coverage, ellipseDistance, length2, over, ramp } from './soft-shape'

const HU = {
  air: -1000,
  fat: -105,
  muscle: 55,
  blood: 150,
  heart: 105,
  liver: 85,
  cancellous: 190,
  cortical: 620,
  marrow: 150,
  cord: 35,
  airway: -985,
} as const

/** Width over which an edge is blurred: about the pixel and the kernel. */
const EDGE_MM = 1.3
const BODY = { radiusX: 161, radiusY: 109, centreY: 2 }
const CAVITY = { radiusX: 129, radiusY: 84, centreY: -5 }
const SPINE = { x: 1, y: 63, radiusX: 19, radiusY: 15.5 }
const RIB_STEP_MM = 27
const RIB_DROP_MM = 74

/** Distance to the skin; the back is flatter than a plain ellipse. */
function skinDistance(x: number, y: number): number {
  const flat = y > 0 ? y * (0.93 - 0.05 * bell(x, 70)) : y * (1.01 - 0.06 * bell(x, 45))
  return ellipseDistance(x, flat - BODY.centreY, BODY.radiusX, BODY.radiusY)
}

/** Distance to the inner wall of the chest. */
function cavityDistance(x: number, y: number, z: number): number {
  const taper = 1 - 0.06 * ramp(z, 0, 60)
  const flat = y < 0 ? y * 1.02 : y * (1 - 0.05 * bell(Math.abs(x) - 55, 40))
  return ellipseDistance(x, flat - CAVITY.centreY, CAVITY.radiusX * taper, CAVITY.radiusY * taper)
}

/** x of the medial border of the right lung. */
function rightBorder(y: number, z: number): number {
  const heart = 17 * ramp(-z, -5, 30) * bell(y + 22, 26)
  const hilum = 9 * bell(z - 4, 24) * bell(y - 2, 20)
  const recess = 9 * bell(y - 34, 20)
  return -(7 + 19 * ramp(y, -66, -34) - recess + heart + hilum)
}

/** x of the medial border of the left lung. */
function leftBorder(y: number, z: number): number {
  const heart = 58 * ramp(-z, -16, 30) * bell(y + 24, 30)
  const arch = 14 * ramp(z, 5, 30) * bell(y - 8, 26)
  const hilum = 9 * bell(z + 2, 24) * bell(y, 18)
  const aorta = 9 * bell(y - 36, 13)
  return 5 + 20 * ramp(y, -64, -34) + heart + arch + hilum + aorta
}

/** z of the right dome of the diaphragm; below it lies the liver. */
const domeZ = (x: number, y: number): number => -26 - (x + 66) ** 2 / 190 - (y + 8) ** 2 / 120
const leftDomeZ = (x: number, y: number): number => -43 - (x - 78) ** 2 / 150 - (y + 4) ** 2 / 110

/** x of the medial borders of both lungs along a row. */
export interface LungBorders {
  readonly right: number
  readonly left: number
}
export const lungBorders = (y: number, z: number): LungBorders => ({
  right: rightBorder(y, z),
  left: leftBorder(y, z),
})

/** Distance to the lungs, negative inside; `borders` are those of y and z. */
export function lungDistance(x: number, y: number, z: number, borders: LungBorders): number {
  const wall = cavityDistance(x, y, z)
  if (wall > 6) return wall
  const spine = -ellipseDistance(x - SPINE.x, y - SPINE.y, SPINE.radiusX + 7, SPINE.radiusY + 6)
  const medial = x < 0 ? x - borders.right : borders.left - x
  const floor = (x < 0 ? domeZ(x, y) : leftDomeZ(x, y)) - z
  return Math.max(wall, spine, medial, floor * 0.8)
}

/** Which lung: the sign of x, for growing the vessels of each side. */
export const isInLung = (x: number, y: number, z: number, marginMm: number): boolean =>
  lungDistance(x, y, z, lungBorders(y, z)) < -marginMm

function ribs(hu: number, x: number, y: number, z: number, wallMm: number): number {
  const depth = wallMm - 6.5
  if (Math.abs(depth) > 6) return hu
  // 0 at the spine, 1 at the sternum, along the wall.
  const along = Math.acos(Math.max(-1, Math.min(1, -(y - 4) / length2(x, y - 4)))) / Math.PI
  const forward = 1 - along
  if (forward > 0.86) return hu
  const side = x < 0 ? 5 : -4
  const slope = z + side + RIB_DROP_MM * forward ** 1.25
  const toRib = slope - RIB_STEP_MM * Math.round(slope / RIB_STEP_MM)
  const radial = length2(depth / 3.9, toRib / 5.6)
  const cartilage = forward > 0.74
  const bone = over(hu, cartilage ? 120 : HU.cortical, coverage((radial - 1) * 4, EDGE_MM))
  return cartilage ? bone : over(bone, HU.marrow, coverage((radial - 0.55) * 4, EDGE_MM))
}

function vertebra(hu: number, x: number, y: number, z: number): number {
  const dx = x - SPINE.x
  const dy = y - SPINE.y
  if (Math.abs(dx) > 48 || dy < -22 || dy > 62) return hu
  const body = ellipseDistance(dx, dy, SPINE.radiusX, SPINE.radiusY)
  const texture = 28 * Math.sin(dx * 1.7) * Math.sin(dy * 1.9 + z)
  let value = over(hu, HU.cortical * 0.75, coverage(body, EDGE_MM))
  value = over(value, HU.cancellous + texture, coverage(body + 2, EDGE_MM * 1.5))
  const arch = Math.abs(circleDistance(dx, dy - 22, 12.5)) - 3.4
  value = over(value, HU.cortical * 0.8, coverage(arch, EDGE_MM))
  value = over(value, HU.cord, coverage(circleDistance(dx, dy - 22, 8.8), EDGE_MM))
  const reach = 34 + 6 * Math.sin(z / 9)
  const transverse = Math.max(
    Math.abs(dy - 24 - Math.abs(dx) * 0.18) - 3.6,
    Math.abs(dx) - reach,
    11 - Math.abs(dx),
  )
  value = over(value, HU.cortical * 0.62, coverage(transverse, EDGE_MM))
  const spinous = Math.max(Math.abs(dx - 0.6) - 2.8, dy - 50, 33 - dy)
  return over(value, HU.cortical * 0.7, coverage(spinous, EDGE_MM))
}

function mediastinum(x: number, y: number, z: number): number {
  let hu: number = HU.fat + 12
  const size = 0.5 + 0.5 * ramp(-z, -14, 30)
  if (size > 0.55) {
    const heart = ellipseDistance(x - 24, y + 26, 57 * size, 41 * size)
    hu = over(hu, HU.heart, coverage(heart, 2))
    hu = over(hu, HU.blood, coverage(ellipseDistance(x - 34, y + 20, 27 * size, 18 * size), 4))
    hu = over(hu, HU.blood - 12, coverage(ellipseDistance(x + 6, y + 33, 22 * size, 20 * size), 4))
  }
  const upper = ramp(z, -16, 0)
  hu = over(hu, HU.blood, upper * coverage(circleDistance(x + 7, y + 33, 16.5), EDGE_MM))
  hu = over(hu, HU.blood, upper * coverage(ellipseDistance(x - 20, y + 29, 15, 12), EDGE_MM))
  hu = over(hu, HU.blood - 15, coverage(ellipseDistance(x + 27, y + 20, 9, 8), EDGE_MM))
  const crossing = Math.max(Math.abs(y + 9 - x * 0.05) - 8, Math.abs(x) - 44)
  hu = over(hu, HU.blood, bell(z - 3, 10) * coverage(crossing, 3))
  hu = over(hu, HU.blood, coverage(circleDistance(x - 24, y - 34, 12.2), EDGE_MM))
  hu = over(hu, HU.muscle - 10, coverage(ellipseDistance(x - 5, y - 27, 8, 6), EDGE_MM))
  return over(hu, HU.airway, coverage(circleDistance(x - 6, y - 27, 1.6), EDGE_MM))
}

/** Trachea above the carina, two main bronchi below it. */
function airways(hu: number, x: number, y: number, z: number): number {
  const below = Math.max(0, 24 - z)
  if (below > 34) return hu
  const spread = below * 1.05
  const right = ellipseDistance(x + spread, y - 4 - below * 0.1, 8.4 - below * 0.07, 9 - below * 0.12)
  const left = ellipseDistance(
    x - 2 - spread * 1.12,
    y - 4 - below * 0.16,
    8.2 - below * 0.08,
    8.6 - below * 0.13,
  )
  const lumen = Math.min(right, left)
  const walled = over(hu, HU.muscle - 30, coverage(lumen - 1.4, EDGE_MM))
  return over(walled, HU.airway, coverage(lumen, EDGE_MM))
}

function wall(x: number, y: number, skinMm: number, cavityMm: number): number {
  const fatMm = 9 + 7 * bell(y + 60, 60) + 6 * bell(Math.abs(x) - 120, 40)
  let hu = over(HU.muscle - 25, HU.fat, coverage(skinMm + 2.2, EDGE_MM))
  hu = over(hu, HU.muscle, coverage(skinMm + fatMm, 2))
  const streaks = Math.sin(cavityMm * 0.55 + x * 0.015) * Math.sin(x * 0.05 + y * 0.07)
  return over(hu, HU.fat + 20, 0.55 * ramp(streaks, 0.45, 0.75) * coverage(4 - cavityMm, 3))
}

function shoulderBlade(hu: number, x: number, y: number, z: number, cavityMm: number): number {
  if (z < -12 || y < 8) return hu
  const plate = Math.abs(cavityMm - 21 - 0.03 * (y - 50)) - 2.2
  const extent = Math.abs(y - 48) - (8 + 0.62 * (z + 12))
  return over(hu, HU.cortical * 0.8, coverage(Math.max(plate, extent, 56 - Math.abs(x)), EDGE_MM))
}

/** The couch, a shell under the back. */
function couch(x: number, y: number): number {
  const shell = y - 113 + (x * x) / 2600
  if (Math.abs(x) > 172) return HU.air
  const skin = Math.min(Math.abs(shell) - 0.9, Math.abs(shell - 21) - 0.9)
  const core = over(HU.air, -945, coverage(Math.abs(shell - 10.5) - 10.5, EDGE_MM))
  return over(core, -180, coverage(skin, EDGE_MM))
}

/** Parenchyma: denser towards the back, as lungs of people lying down are. */
const parenchyma = (y: number): number => -872 + 0.42 * (y + 80)

/** Hounsfield units at a point whose `lungDistance` is `lungMm`, without lung vessels, nodule and noise. */
export function chestHu(x: number, y: number, z: number, lungMm: number): number {
  const skin = skinDistance(x, y)
  if (skin > 1) return couch(x, y)
  if (lungMm < -2) return parenchyma(y)
  const cavity = cavityDistance(x, y, z)
  let hu: number
  if (cavity > 2) {
    hu = wall(x, y, skin, cavity)
    hu = shoulderBlade(hu, x, y, z, cavity)
  } else {
    const dome = (x < 0 ? domeZ(x, y) : leftDomeZ(x, y)) - z
    hu = over(mediastinum(x, y, z), HU.liver, coverage(-dome, 3) * coverage(20 - Math.abs(x), 20))
    hu = airways(hu, x, y, z)
    hu = over(HU.muscle, hu, coverage(cavity, 1.6))
    hu = over(hu, parenchyma(y), coverage(lungMm, EDGE_MM))
  }
  hu = ribs(hu, x, y, z, cavity)
  hu = vertebra(hu, x, y, z)
  const sternum = ellipseDistance(x - 1, y + 97, 19, 5.4)
  hu = over(hu, HU.cortical * 0.7, coverage(sternum, EDGE_MM))
  hu = over(hu, HU.marrow, coverage(sternum + 2, EDGE_MM))
  return over(HU.air, hu, coverage(skin, EDGE_MM))
}
