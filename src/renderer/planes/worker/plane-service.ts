import type { PixelDescription } from '../../../contract'
import { planeThrough, type Plane } from '../../../core/volume/planes'
import { reslice } from '../../../core/volume/reslice'
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
  const values = reslice(volumeOf(voxels), plane, slabThrough(places, name, throughMm, slab))
  return { plane, description: describe(plane, voxels, scale), bytes: bytesOf(values, scale.type) }
}

function describe(
  { widthPx, heightPx }: Plane,
  { least, most }: Voxels,
  { type, slope, intercept, unit }: NonNullable<Voxels['scale']>,
): PixelDescription {
  return {
    ...{ widthPx, heightPx, type, slope, intercept, unit },
    ...{ minStored: least, maxStored: most, paddingStored: null, warnings: [] },
  }
}

/** Stored values are whole numbers where those of the slices are. */
function bytesOf(values: Float32Array, type: PixelDescription['type']): ArrayBuffer {
  if (type === 'float32') return values.buffer as ArrayBuffer
  const stored =
    type === 'int16'
      ? new Int16Array(values.length)
      : type === 'uint16'
        ? new Uint16Array(values.length)
        : new Uint8Array(values.length)
  for (let at = 0; at < values.length; at += 1) stored[at] = Math.floor((values[at] ?? 0) + 0.5)
  return stored.buffer
}
