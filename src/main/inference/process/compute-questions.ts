import type { Mask } from '../../../core/image/mask'
import type { SliceSamples } from '../../../core/measures/slice-report'
import type { RgbPicture } from '../../../core/sampling/field-of-view'
import type { PhotographInput } from '../../../core/sampling/photograph-input'
import type { ComputeQuestion } from './remote-engine'

/** Arrays as they cross to the other process: copies with a buffer of their own. */
interface SentMask {
  readonly widthPx: number
  readonly heightPx: number
  readonly pixels: Uint8Array<ArrayBuffer>
}

const sent = ({ widthPx, heightPx, pixels }: Mask): SentMask => ({
  widthPx,
  heightPx,
  pixels: new Uint8Array(pixels),
})

const hasOwnBuffer = (bytes: Uint8Array): bytes is Uint8Array<ArrayBuffer> =>
  bytes.buffer instanceof ArrayBuffer && bytes.byteLength === bytes.buffer.byteLength

export function prepareQuestion(
  picture: RgbPicture,
  given: Mask | null,
  input: PhotographInput,
): ComputeQuestion {
  const { widthPx, heightPx, rgb } = picture
  return {
    kind: 'prepare',
    // Up to 192 MB: not copied where they have a buffer of their own.
    picture: { widthPx, heightPx, rgb: hasOwnBuffer(rgb) ? rgb : new Uint8Array(rgb) },
    givenField: given === null ? null : sent(given),
    ...input,
  }
}

export function reportQuestion(
  masks: Uint8Array,
  count: number,
  { fieldOfView, readers, warnings, place, ...slice }: Omit<SliceSamples, 'masks'>,
): ComputeQuestion {
  return {
    kind: 'report',
    masks: new Uint8Array(masks),
    count,
    slice: {
      ...slice,
      fieldOfView: fieldOfView === null ? null : sent(fieldOfView),
      readers: readers.map(({ readingId, letter, placed }) => ({
        readingId,
        letter,
        placed: { originColumn: placed.originColumn, originRow: placed.originRow, mask: sent(placed.mask) },
      })),
      place: place == null ? null : { column: place.column, row: place.row },
      warnings: [...warnings],
    },
  }
}
