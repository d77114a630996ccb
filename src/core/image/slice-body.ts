/** Stored values as they cross to the page and to the model: 8- or 16-bit integers where they fit, else floats. */
import type { PixelDescription, Warning } from '../../contract'
import { valueRange } from './range'
import type { PixelArray, StoredFrame } from './pixel-layout'

export interface SliceBody {
  readonly description: PixelDescription
  readonly bytes: Uint8Array<ArrayBuffer>
}

export interface ValueMeaning {
  readonly slope: number
  readonly intercept: number
  readonly unit: string
  readonly paddingStored: number | null
  readonly paddingLimitStored?: number
}

type BodyType = PixelDescription['type']

interface Body {
  readonly type: BodyType
  readonly values: PixelArray
}

const fitsInto16 = (least: number, most: number): 'int16' | 'uint16' | null =>
  least >= -32768 && most <= 32767 ? 'int16' : least >= 0 && most <= 65535 ? 'uint16' : null

/** The narrowest of the types that the boundary knows; whole numbers of 32 bits only where they fit into 16. */
function greyBody(values: PixelArray, least: number, most: number): Body {
  if (values instanceof Uint8Array) return { type: 'uint8', values }
  if (values instanceof Int16Array) return { type: 'int16', values }
  if (values instanceof Uint16Array) return { type: 'uint16', values }
  if (values instanceof Int8Array) return { type: 'int16', values: Int16Array.from(values) }
  const isWhole = values instanceof Uint32Array || values instanceof Int32Array
  const type = isWhole ? fitsInto16(least, most) : null
  if (type === 'int16') return { type, values: Int16Array.from(values) }
  if (type === 'uint16') return { type, values: Uint16Array.from(values) }
  return { type: 'float32', values: values instanceof Float32Array ? values : Float32Array.from(values) }
}

/** Colour as 8-bit RGB: of deeper samples the high byte. */
function rgb8(values: PixelArray): Uint8Array<ArrayBuffer> {
  if (values instanceof Uint8Array) return values
  const shift = values.BYTES_PER_ELEMENT * 8 - 8
  return Uint8Array.from(values, (value) => value >>> shift)
}

const bytesOf = (values: PixelArray): Uint8Array<ArrayBuffer> =>
  new Uint8Array(values.buffer, values.byteOffset, values.byteLength)

/** A grey frame with its description; values that are no number are kept out of the range. */
export function greySlice(
  frame: StoredFrame,
  values: PixelArray,
  meaning: ValueMeaning,
  warnings: readonly Warning[],
): SliceBody {
  const { least, most } = valueRange(values)
  const body = greyBody(values, least, most)
  const rounded =
    values instanceof Float64Array || values instanceof Uint32Array || values instanceof Int32Array
  const notes =
    body.type === 'float32' && rounded
      ? [{ code: 'values-rounded', text: 'Values are shown in single precision.' }]
      : []
  return {
    description: {
      widthPx: frame.widthPx,
      heightPx: frame.heightPx,
      type: body.type,
      ...meaning,
      minStored: least,
      maxStored: most,
      warnings: [...warnings, ...notes],
    },
    bytes: bytesOf(body.values),
  }
}

/** A colour frame as 8-bit RGB. */
export function colourSlice(frame: StoredFrame, values: PixelArray, warnings: readonly Warning[]): SliceBody {
  const bytes = rgb8(values)
  const isDeep = !(values instanceof Uint8Array)
  const notes = isDeep ? [{ code: 'colour-depth', text: 'Colours of more than 8 bits are shown in 8.' }] : []
  return { description: rgbDescription(frame, [...warnings, ...notes]), bytes }
}

/** Of three bytes a pixel, which mean themselves. */
export const rgbDescription = (
  { widthPx, heightPx }: { readonly widthPx: number; readonly heightPx: number },
  warnings: readonly Warning[],
): PixelDescription => ({
  widthPx,
  heightPx,
  type: 'rgb8',
  slope: 1,
  intercept: 0,
  unit: '',
  minStored: 0,
  maxStored: 255,
  paddingStored: null,
  warnings: [...warnings],
})
