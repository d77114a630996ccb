import { accept, refuse } from '../../contract'
import type { Result } from '../../contract'
import type { Mask } from '../image/mask'
import { findFieldOfView } from './field-of-view'
import type { RgbPicture } from './field-of-view'
import { foundFieldWarnings } from './field-warnings'
import type { ModelInput } from './model-input'
import { resamplePlane } from './resample'
import type { Plane, SizePx } from './resample'

/** How a photograph is brought to the network. */
export interface PhotographInput {
  readonly heightPx: number
  readonly multipleOf: number
}

/** A channel flatter than this (of 255) is left at its scale: it holds nothing to amplify. */
const SMALLEST_SD = 1e-6
const CHANNELS = 3

/**
 * The whole photograph at the network's height, each channel less its mean and over its (population) standard
 * deviation inside the field of view, reflected at the bottom and right edges to the network's multiple. Without a
 * field of view given, it is found and a warning says so. Refused: a field of another size, an empty field.
 */
export function photographForModel(
  picture: RgbPicture,
  given: Mask | null,
  input: PhotographInput,
): Result<ModelInput> {
  if (given !== null && (given.widthPx !== picture.widthPx || given.heightPx !== picture.heightPx)) {
    return refuse(
      'annotation-mismatch',
      `The field of view is ${given.widthPx} × ${given.heightPx} px, the photograph ${picture.widthPx} × ${picture.heightPx} px.`,
      { next: 'Remove the field of view or give the one of this photograph.' },
    )
  }
  const size = scaledSize(picture, input.heightPx)
  const field = given ?? findFieldOfView(picture)
  const fieldOfView = scaleMask(field, size)
  if (!fieldOfView.pixels.includes(1)) {
    return refuse('annotation-mismatch', 'The field of view of this photograph is empty.', {
      next: 'Remove the field of view, so that it is found anew.',
    })
  }
  const padded = {
    widthPx: upTo(size.widthPx, input.multipleOf),
    heightPx: upTo(size.heightPx, input.multipleOf),
  }
  const values = new Float32Array(CHANNELS * padded.widthPx * padded.heightPx)
  for (let channel = 0; channel < CHANNELS; channel += 1) {
    const scaled = resamplePlane(channelOf(picture, channel), size)
    const target = values.subarray(channel * padded.widthPx * padded.heightPx)
    reflectInto(target, padded, { ...size, values: standardise(scaled.values, fieldOfView.pixels) })
  }
  const columnStep = picture.widthPx / size.widthPx
  const rowStep = picture.heightPx / size.heightPx
  return accept({
    values,
    channels: CHANNELS,
    ...padded,
    grid: { ...size, originColumn: (columnStep - 1) / 2, originRow: (rowStep - 1) / 2, columnStep, rowStep },
    fieldOfView,
    warnings: given === null ? foundFieldWarnings(field, picture) : [],
  })
}

/** Size at the given height that keeps the aspect; halves are rounded up, the width is at least one pixel. */
function scaledSize(picture: SizePx, heightPx: number): SizePx {
  const widthPx = Math.max(1, Math.floor((picture.widthPx * heightPx) / picture.heightPx + 0.5))
  return { widthPx, heightPx }
}

const upTo = (value: number, multiple: number): number => Math.ceil(value / multiple) * multiple

const channelOf = ({ widthPx, heightPx, rgb }: RgbPicture, channel: number): Plane => {
  const values = new Uint8Array(widthPx * heightPx)
  for (let index = 0; index < values.length; index += 1) values[index] = rgb[3 * index + channel] ?? 0
  return { widthPx, heightPx, values }
}

/** A mask on another grid: the same scaling on 0 and 1, then at least one half. */
export function scaleMask(mask: Mask, size: SizePx): Mask {
  const scaled = resamplePlane({ widthPx: mask.widthPx, heightPx: mask.heightPx, values: mask.pixels }, size)
  return { ...size, pixels: Uint8Array.from(scaled.values, (share) => (share >= 0.5 ? 1 : 0)) }
}

function standardise(values: Float64Array, inside: Uint8Array): Float64Array {
  const kept = values.filter((_, index) => inside[index] === 1)
  const mean = kept.reduce((sum, value) => sum + value, 0) / kept.length
  const variance = kept.reduce((sum, value) => sum + (value - mean) ** 2, 0) / kept.length
  const sd = Math.sqrt(variance)
  return values.map((value) => (value - mean) / (sd < SMALLEST_SD ? 1 : sd))
}

/** Writes a plane into a larger one, the rest mirrored at its last row and column (which are not repeated). */
function reflectInto(target: Float32Array, padded: SizePx, plane: Plane): void {
  const mirror = (index: number, sizePx: number): number =>
    index < sizePx ? index : Math.max(2 * (sizePx - 1) - index, 0)
  for (let row = 0; row < padded.heightPx; row += 1) {
    const from = mirror(row, plane.heightPx) * plane.widthPx
    for (let column = 0; column < padded.widthPx; column += 1) {
      target[row * padded.widthPx + column] = plane.values[from + mirror(column, plane.widthPx)] ?? 0
    }
  }
}
