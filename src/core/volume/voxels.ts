import type { PixelDescription } from '../../contract'
import { bodyValues } from '../image/display'
import type { Volume } from './reslice'
import type { VoxelValues } from './slice-rows'
import type { VolumePlaces } from './volume-places'

type Scale = Pick<PixelDescription, 'type' | 'slope' | 'intercept' | 'unit'>

/** The slices of a volume as they come in, in one scale: the stored values while all slices share theirs, else real values. */
export interface Voxels {
  readonly places: VolumePlaces
  readonly slices: readonly (VoxelValues | null)[]
  /** Null before the first slice. */
  readonly scale: Scale | null
  readonly least: number
  readonly most: number
}

export const noVoxels = (places: VolumePlaces): Voxels => ({
  places,
  slices: places.positionsMm.map(() => null),
  scale: null,
  least: Infinity,
  most: -Infinity,
})

const sameScale = (one: Scale, other: Scale): boolean =>
  one.type === other.type && one.slope === other.slope && one.intercept === other.intercept

const realValues = (stored: VoxelValues, { slope, intercept }: Scale): Float32Array =>
  Float32Array.from(stored, (value) => value * slope + intercept)

const REAL: Pick<Scale, 'type' | 'slope' | 'intercept'> = { type: 'float32', slope: 1, intercept: 0 }

/** With one more slice. Colour has no place between slices: it is left out. */
export function withSlice(
  voxels: Voxels,
  index: number,
  description: PixelDescription,
  bytes: ArrayBuffer,
): Voxels {
  const { widthPx, heightPx, type, slope, intercept, minStored, maxStored } = description
  const { places, scale } = voxels
  if (type === 'rgb8' || widthPx !== places.columns || heightPx !== places.rows) return voxels
  const values = bodyValues(description, new Uint8Array(bytes))
  const put = (slices: Voxels['slices'], own: VoxelValues): Voxels['slices'] => slices.with(index, own)
  if (scale === null || sameScale(scale, description))
    return {
      ...{ places, scale: scale ?? description },
      slices: put(voxels.slices, values),
      least: Math.min(voxels.least, minStored),
      most: Math.max(voxels.most, maxStored),
    }
  const real = { ...scale, ...REAL }
  const ends = [minStored, maxStored].map((value) => value * slope + intercept)
  const known = [voxels.least, voxels.most].map((value) => value * scale.slope + scale.intercept)
  return {
    ...{ places, scale: real },
    slices: put(
      voxels.slices.map((slice) => slice && (sameScale(scale, real) ? slice : realValues(slice, scale))),
      realValues(values, description),
    ),
    least: Math.min(...ends, ...known),
    most: Math.max(...ends, ...known),
  }
}

/** As far as it has come; what is not there is as dark as the darkest voxel. */
export const volumeOf = ({ places, slices, least }: Voxels): Volume => ({ places, slices, outside: least })
