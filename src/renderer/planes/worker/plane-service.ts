import type { PixelDescription } from '../../../contract'
import { planeThrough, type Plane } from '../../../core/volume/planes'
import { resliceInto } from '../../../core/volume/reslice'
import { slabThrough } from '../../../core/volume/slab'
import { noVoxels, volumeOf, withSlice, type Voxels } from '../../../core/volume/voxels'
import type { CutAsked, CutPlane, PlaneAnswer, PlaneRequest } from './plane-messages'

/** The worker's side: holds one volume and cuts planes out of what has come of it. */
export function planeService(
  post: (answer: PlaneAnswer, transfer: ArrayBuffer[]) => void,
): (request: PlaneRequest) => void {
  let voxels: Voxels | null = null
  return (request) => {
    if (request.kind === 'begin') voxels = noVoxels(request.places)
    else if (request.kind === 'slice')
      voxels = voxels && withSlice(voxels, request.index, request.description, request.bytes)
    else {
      const made = voxels === null ? null : cutPlane(voxels, request.asked)
      post({ cut: request.cut, made }, made === null ? [] : [made.bytes])
    }
  }
}

function cutPlane(voxels: Voxels, { name, throughMm, slab }: CutAsked): CutPlane | null {
  const { places, scale } = voxels
  if (scale === null) return null
  const plane = planeThrough(places, name, throughMm)
  const stored = storedOf(scale.type, plane.widthPx * plane.heightPx)
  resliceInto(volumeOf(voxels), plane, slabThrough(places, name, throughMm, slab), stored)
  return { plane, description: describe(plane, voxels, scale), bytes: stored.buffer }
}

function describe(
  { widthPx, heightPx }: Plane,
  { least, most }: Voxels,
  scale: NonNullable<Voxels['scale']>,
): PixelDescription {
  const { type, slope, intercept, unit, paddingStored, paddingLimitStored } = scale
  return {
    ...{ widthPx, heightPx, type, slope, intercept, unit },
    ...{ minStored: least, maxStored: most, warnings: [], paddingStored },
    ...(paddingLimitStored === undefined ? {} : { paddingLimitStored }),
  }
}

/** Room for so many stored values. */
function storedOf(
  type: PixelDescription['type'],
  count: number,
): (Int16Array | Uint16Array | Uint8Array | Float32Array) & { readonly buffer: ArrayBuffer } {
  if (type === 'float32') return new Float32Array(count)
  if (type === 'int16') return new Int16Array(count)
  return type === 'uint16' ? new Uint16Array(count) : new Uint8Array(count)
}
