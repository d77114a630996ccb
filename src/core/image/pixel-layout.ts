/** How the pixels of one object are laid out. PS3.3 C.7.6.3. All names are those of the standard. */
export interface PixelLayout {
  readonly rows: number
  readonly columns: number
  readonly frames: number
  readonly samplesPerPixel: 1 | 3
  readonly bitsAllocated: 1 | 8 | 12 | 16 | 32 | 64
  readonly bitsStored: number
  readonly highBit: number
  readonly signed: boolean
  /** Samples of a pixel lie in planes, not side by side (Planar Configuration 1). */
  readonly planar: boolean
  readonly colour: 'grey' | 'index' | 'rgb' | 'ybr-full' | 'ybr-full-422'
  readonly float: boolean
  readonly littleEndian: boolean
  /** 8-bit samples that were written as big-endian 16-bit words: every two bytes are swapped. */
  readonly bytesSwapped: boolean
}

export type PixelArray =
  | Uint8Array<ArrayBuffer>
  | Int8Array<ArrayBuffer>
  | Uint16Array<ArrayBuffer>
  | Int16Array<ArrayBuffer>
  | Uint32Array<ArrayBuffer>
  | Int32Array<ArrayBuffer>
  | Float32Array<ArrayBuffer>
  | Float64Array<ArrayBuffer>

/** The array of each type of sample: unsigned, signed or floating point, and its bytes. */
const SAMPLE_ARRAYS = {
  u1: Uint8Array,
  i1: Int8Array,
  u2: Uint16Array,
  i2: Int16Array,
  u4: Uint32Array,
  i4: Int32Array,
  f4: Float32Array,
  f8: Float64Array,
} as const
export type SampleType = keyof typeof SAMPLE_ARRAYS

/** Bits of the samples beyond Bits Stored and High Bit. */
export interface UnusedBits {
  /** Those that some sample sets otherwise than by its sign. */
  readonly set: number
  /** Some negative samples are extended by their sign and others are not: they are of more bits than the header says. */
  readonly isSignMixed: boolean
}

/**
 * One frame in canonical form: row by row from the top left, samples of a pixel together, values masked and
 * sign-extended, no rescale, no window, no inversion. `grey` and `index` hold `rows * columns` values, `rgb` three times as many.
 */
export interface StoredFrame {
  readonly form: 'grey' | 'index' | 'rgb'
  readonly dtype: SampleType
  readonly widthPx: number
  readonly heightPx: number
  readonly values: PixelArray
  /** Bytes of pixels beyond those that the header asks for; absent where there are none. */
  readonly leftOverBytes?: number
  /** What stands in the bits that the header leaves unused; absent where it leaves none. */
  readonly unusedBits?: UnusedBits
}

/** Samples of one frame as the file holds them (4:2:2 keeps two samples a pixel). */
export const samplesPerFrame = (layout: PixelLayout): number =>
  layout.rows * layout.columns * (layout.colour === 'ybr-full-422' ? 2 : layout.samplesPerPixel)

/** Bits of one native frame; frames of 1-bit and 12-bit pixels follow each other without padding to a byte. */
export const bitsPerFrame = (layout: PixelLayout): number => samplesPerFrame(layout) * layout.bitsAllocated

/** Bytes of one frame once decoded to canonical form. */
export const decodedFrameBytes = (layout: PixelLayout): number =>
  layout.rows *
  layout.columns *
  layout.samplesPerPixel *
  Math.max(1, Math.ceil(layout.bitsAllocated / 8) === 2 ? 2 : layout.bitsAllocated / 8)

/** The type that values are written in: by Bits Allocated and Pixel Representation. */
export function sampleType(layout: PixelLayout): SampleType {
  if (layout.float) return layout.bitsAllocated === 64 ? 'f8' : 'f4'
  const sign = layout.signed ? 'i' : 'u'
  if (layout.bitsAllocated <= 8) return `${sign}1`
  return layout.bitsAllocated <= 16 ? `${sign}2` : `${sign}4`
}

/** Values in the type that they are written in: over bytes in the computer's order, or each taken over from others. */
export const sampleArray = (layout: PixelLayout, of: ArrayBuffer | PixelArray): PixelArray =>
  new SAMPLE_ARRAYS[sampleType(layout)](of)
