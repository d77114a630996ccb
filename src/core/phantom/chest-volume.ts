/** The chest phantom as a CT series would hold it: slices of Hounsfield units. */
import { chestHu, lungBorders, lungDistance } from './chest'
import { lungVessels, type TubeSegment } from './lung-vessels'
import { DRAW, grainField, planeNoise } from './noise'
import { NODULE_CENTRE_MM, noduleHu } from './nodule'
import { length2, length3 } from './soft-shape'

export const CHEST = {
  sizePx: 512,
  sliceCount: 40,
  pixelSpacingMm: 0.703125,
  sliceStepMm: 2.5,
  /** Patient position (LPS) of the centre of the first pixel of the lowest slice. */
  firstPositionMm: [-179.6484375, -171.6, -248.75],
  /** Outside the circle that the scanner reconstructs, stored as padding. */
  paddingHu: -3024,
} as const

const VESSEL_HU = 75
const NOISE_HU = 19
const HALF_PX = (CHEST.sizePx - 1) / 2
const HALF_SLICES = (CHEST.sliceCount - 1) / 2
/** The chest's middle lies a little above the middle of the picture, as the couch takes room below. */
const CENTRE_ROW_MM = 4

/** Chest millimetres of a pixel centre. */
export const columnMm = (column: number): number => (column - HALF_PX) * CHEST.pixelSpacingMm
export const rowMm = (row: number): number => (row - HALF_PX) * CHEST.pixelSpacingMm + CENTRE_ROW_MM
export const sliceMm = (slice: number): number => (slice - HALF_SLICES) * CHEST.sliceStepMm

/** Column, row and slice (fractions allowed) of a point in chest millimetres. */
export const noduleCentreIndex = {
  column: NODULE_CENTRE_MM.x / CHEST.pixelSpacingMm + HALF_PX,
  row: (NODULE_CENTRE_MM.y - CENTRE_ROW_MM) / CHEST.pixelSpacingMm + HALF_PX,
  slice: NODULE_CENTRE_MM.z / CHEST.sliceStepMm + HALF_SLICES,
} as const

type Slices = readonly Float32Array[]

/** How much of a voxel a tube fills, by the distance of its centre from the axis; slices are thick, so z is blurred more. */
function paintTube(share: Slices, tube: TubeSegment): void {
  const { from, to } = tube
  const axis = [to[0] - from[0], to[1] - from[1], to[2] - from[2]] as const
  const lengthSquared = Math.max(1e-6, axis[0] ** 2 + axis[1] ** 2 + axis[2] ** 2)
  const steep = Math.abs(axis[2]) / Math.sqrt(lengthSquared)
  const soft = 0.55 + 0.5 * (1 - steep)
  const reach = Math.max(tube.fromRadiusMm, tube.toRadiusMm) + soft
  const range = (
    a: number,
    b: number,
    toIndex: (mm: number) => number,
    limit: number,
  ): readonly [number, number] => [
    Math.max(0, Math.floor(toIndex(Math.min(a, b) - reach))),
    Math.min(limit - 1, Math.ceil(toIndex(Math.max(a, b) + reach))),
  ]
  const inPlane = (mm: number): number => mm / CHEST.pixelSpacingMm + HALF_PX
  const [left, right] = range(from[0], to[0], inPlane, CHEST.sizePx)
  const [top, bottom] = range(from[1] - CENTRE_ROW_MM, to[1] - CENTRE_ROW_MM, inPlane, CHEST.sizePx)
  const [low, high] = range(from[2], to[2], (mm) => mm / CHEST.sliceStepMm + HALF_SLICES, CHEST.sliceCount)
  for (let slice = low; slice <= high; slice += 1) {
    const target = share[slice]
    if (target === undefined) continue
    const dz = sliceMm(slice) - from[2]
    for (let row = top; row <= bottom; row += 1) {
      const dy = rowMm(row) - from[1]
      for (let column = left; column <= right; column += 1) {
        const dx = columnMm(column) - from[0]
        const t = Math.min(1, Math.max(0, (dx * axis[0] + dy * axis[1] + dz * axis[2]) / lengthSquared))
        const radius = tube.fromRadiusMm + (tube.toRadiusMm - tube.fromRadiusMm) * t
        const aside = length3(dx - t * axis[0], dy - t * axis[1], dz - t * axis[2])
        const inside = Math.min(1, Math.max(0, 0.5 + (radius - aside) / (2 * soft)))
        const at = row * CHEST.sizePx + column
        if (inside > (target[at] ?? 0)) target[at] = inside
      }
    }
  }
}

const TUBES_A_STEP = 400

function* vesselShares(): Generator<null, Slices> {
  const share = Array.from({ length: CHEST.sliceCount }, () => new Float32Array(CHEST.sizePx ** 2))
  const sides = [
    { draw: DRAW.rightVessels, side: -1, targets: 1500 },
    { draw: DRAW.leftVessels, side: 1, targets: 1300 },
  ] as const
  for (const { draw, side, targets } of sides) {
    const tubes = lungVessels(draw, side, targets)
    yield null
    for (const [index, tube] of tubes.entries()) {
      paintTube(share, tube)
      if (index % TUBES_A_STEP === 0) yield null
    }
  }
  return share
}

interface SlicePainter {
  readonly texture: (x: number, y: number) => number
  readonly grain: readonly Float32Array[]
}

function paintSlice(slice: number, vessels: Float32Array, painter: SlicePainter): Int16Array {
  const { sizePx, paddingHu } = CHEST
  const values = new Int16Array(sizePx * sizePx)
  const z = sliceMm(slice)
  const [first, second] = painter.grain
  const shift = (slice * 37) % sizePx
  for (let row = 0; row < sizePx; row += 1) {
    const y = rowMm(row)
    const borders = lungBorders(y, z)
    for (let column = 0; column < sizePx; column += 1) {
      const at = row * sizePx + column
      const x = columnMm(column)
      if (length2(column - HALF_PX, row - HALF_PX) > HALF_PX) {
        values[at] = paddingHu
        continue
      }
      const lungMm = lungDistance(x, y, z, borders)
      let hu = chestHu(x, y, z, lungMm)
      if (lungMm < 0) {
        hu +=
          14 * painter.texture(x / 3.4 + z * 0.21, y / 3.4 - z * 0.17) +
          10 * painter.texture(x / 11 + z * 0.05, y / 11)
      }
      const vessel = vessels[at] ?? 0
      if (vessel > 0 && hu < VESSEL_HU && lungMm < 2) hu += (VESSEL_HU - hu) * vessel
      hu = noduleHu(hu, x - NODULE_CENTRE_MM.x, y - NODULE_CENTRE_MM.y, z - NODULE_CENTRE_MM.z)
      const other = ((row + shift) % sizePx) * sizePx + ((column + 2 * shift) % sizePx)
      const grain = ((first?.[at] ?? 0) * (slice % 2 === 0 ? 1 : -1) + (second?.[other] ?? 0)) * Math.SQRT1_2
      // Noise is lower near the skin, where less matter lies in the way.
      const depth = 1 - 0.35 * Math.min(1, length2(x / 165, y / 115))
      values[at] = Math.round(Math.max(-1024, hu + NOISE_HU * depth * grain))
    }
  }
  return values
}

/**
 * All slices, lowest first, each row by row in Hounsfield units; the same bytes on every call. A null between them is
 * a place to let others work: the whole takes seconds.
 */
export function* chestSlices(): Generator<Int16Array | null, void> {
  const vessels = yield* vesselShares()
  const grain: Float32Array[] = []
  for (const draw of [DRAW.scanNoise, DRAW.scanNoise + 1]) {
    grain.push(grainField(draw, CHEST.sizePx))
    yield null
  }
  const painter: SlicePainter = { texture: planeNoise(DRAW.lungTexture), grain }
  for (const [slice, share] of vessels.entries()) yield paintSlice(slice, share, painter)
}
