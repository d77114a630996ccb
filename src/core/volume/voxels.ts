import type { PixelDescription } from '../../contract'
import { bodyValues } from '../image/display'
import { paddingRange } from '../image/padding'
import type { Volume } from './reslice'
import type { VoxelValues } from './slice-rows'
import type { VolumePlaces } from './volume-places'

type Scale = Pick<
  PixelDescription,
  'type' | 'slope' | 'intercept' | 'unit' | 'paddingStored' | 'paddingLimitStored'
>

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
  one.type === other.type &&
  one.slope === other.slope &&
  one.intercept === other.intercept &&
  one.paddingStored === other.paddingStored &&
  one.paddingLimitStored === other.paddingLimitStored

/** Padding, which is another value in each scale, is no number. */
function realValues(stored: VoxelValues, scale: Scale): Float32Array {
  const { slope, intercept } = scale
  const { least, most } = paddingRange(scale) ?? { least: Infinity, most: -Infinity }
  return Float32Array.from(stored, (value) =>
    value >= least && value <= most ? Number.NaN : value * slope + intercept,
  )
}

const REAL = { type: 'float32', slope: 1, intercept: 0, paddingStored: null } as const

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
  const real: Scale = { unit: scale.unit, ...REAL }
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

/** As far as it has come; what is not there is shown as the slices' own padding, else as dark as the darkest voxel. */
export function volumeOf({ places, slices, scale, least, most }: Voxels): Volume {
  const padding = scale && paddingRange(scale)
  const stated = scale?.paddingStored ?? least
  return { places, slices, padding, outside: stated >= least && stated <= most ? stated : least }
}
