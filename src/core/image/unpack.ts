/**
 * Native frames to canonical form. The typed arrays are read in the byte order of the computer, which is little
 * endian on everything that Margin runs on.
 */
import { toRgb } from './colour'
import { bitsPerFrame, sampleArray, sampleType, samplesPerFrame } from './pixel-layout'
import type { PixelArray, PixelLayout, StoredFrame, UnusedBits } from './pixel-layout'

/** Bits of one frame that start `startBit` bits into `bytes`, one byte a pixel; least significant bit first (PS3.5 8.1.1). */
function unpackBits(bytes: Uint8Array, startBit: number, count: number): Uint8Array<ArrayBuffer> {
  const values = new Uint8Array(count)
  for (let index = 0; index < count; index += 1) {
    const bit = startBit + index
    values[index] = ((bytes[bit >> 3] ?? 0) >> (bit & 7)) & 1
  }
  return values
}

/** Twelve-bit pixels, two in three bytes, low bits first. */
function unpackTwelve(bytes: Uint8Array, startBit: number, count: number): Uint16Array<ArrayBuffer> {
  const values = new Uint16Array(count)
  for (let index = 0; index < count; index += 1) {
    const bit = startBit + index * 12
    const at = bit >> 3
    const pair = (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8)
    values[index] = (bit & 7) === 0 ? pair & 0xfff : pair >> 4
  }
  return values
}

/** A copy of the frame's bytes at the start of a fresh buffer, in little-endian order for samples of `sampleBytes`. */
function alignedCopy(bytes: Uint8Array, start: number, length: number, layout: PixelLayout): ArrayBuffer {
  const sampleBytes = layout.bitsAllocated >> 3
  const copy = new Uint8Array(length)
  if (layout.bytesSwapped) {
    for (let index = 0; index < length; index += 1) copy[index] = bytes[(start + index) ^ 1] ?? 0
  } else if (layout.littleEndian || sampleBytes === 1) {
    copy.set(bytes.subarray(start, start + length))
  } else {
    for (let at = 0; at < length; at += sampleBytes) {
      for (let byte = 0; byte < sampleBytes; byte += 1)
        copy[at + byte] = bytes[start + at + sampleBytes - 1 - byte] ?? 0
    }
  }
  return copy.buffer
}

/**
 * value = (word >> (HighBit + 1 - BitsStored)) & (2^BitsStored - 1), sign-extended: bits outside (overlays, rubbish)
 * do not count. In place.
 */
export function maskSamples(values: PixelArray, layout: PixelLayout): void {
  const { bitsStored, highBit, bitsAllocated, signed } = layout
  if (layout.float || (bitsStored === bitsAllocated && highBit === bitsAllocated - 1)) return
  const left = 31 - highBit
  const right = 32 - bitsStored
  if (signed) for (let k = 0; k < values.length; k += 1) values[k] = ((values[k] ?? 0) << left) >> right
  else for (let k = 0; k < values.length; k += 1) values[k] = ((values[k] ?? 0) << left) >>> right
}

/**
 * What the samples, not yet masked, hold in the bits that the header leaves unused. Above the stored ones a writer may
 * repeat the sign, in all samples alike.
 */
function unusedBitsOf(values: PixelArray, layout: PixelLayout): UnusedBits {
  const { bitsStored, highBit, bitsAllocated, signed } = layout
  const whole = 2 ** bitsAllocated - 1
  const above = whole & ~(2 ** (highBit + 1) - 1)
  const below = 2 ** (highBit + 1 - bitsStored) - 1
  const sign = signed ? 2 ** highBit : 0
  let set = 0
  let isExtended = false
  let isPlain = false
  for (let k = 0; k < values.length; k += 1) {
    const sample = values[k] ?? 0
    const high = sample & above
    set |= sample & below
    if ((sample & sign) === 0) set |= high
    else if (high === above) isExtended = true
    else if (high === 0) isPlain = true
    else set |= high
  }
  return { set: set & whole, isSignMixed: above !== 0 && isExtended && isPlain }
}

/** Three planes to samples side by side. */
export function interleave(planes: PixelArray): PixelArray {
  const count = planes.length / 3
  const values = planes.slice()
  for (let index = 0; index < count; index += 1) {
    values[3 * index] = planes[index] ?? 0
    values[3 * index + 1] = planes[count + index] ?? 0
    values[3 * index + 2] = planes[2 * count + index] ?? 0
  }
  return values
}

/**
 * Decodes one native frame. `bytes` holds the frame from bit `startBit` on, wholly (the caller has compared
 * lengths); samples are [row][column][sample].
 */
export function unpackFrame(bytes: Uint8Array, startBit: number, layout: PixelLayout): StoredFrame {
  const count = samplesPerFrame(layout)
  const shape = { dtype: sampleType(layout), widthPx: layout.columns, heightPx: layout.rows }
  const form = layout.colour === 'grey' || layout.colour === 'index' ? layout.colour : 'rgb'
  if (layout.bitsAllocated === 1) return { form, ...shape, values: unpackBits(bytes, startBit, count) }
  if (layout.bitsAllocated === 12) return { form, ...shape, values: unpackTwelve(bytes, startBit, count) }
  const samples = sampleArray(layout, alignedCopy(bytes, startBit >> 3, bitsPerFrame(layout) >> 3, layout))
  // Of 32 bits the operators of the language have one too few, and no scanner writes them.
  const hasUnused = !layout.float && layout.bitsAllocated <= 16 && layout.bitsStored < layout.bitsAllocated
  const unused = hasUnused ? { unusedBits: unusedBitsOf(samples, layout) } : {}
  maskSamples(samples, layout)
  const together = layout.planar && layout.samplesPerPixel === 3 ? interleave(samples) : samples
  return { form, ...shape, ...unused, values: form === 'rgb' ? toRgb(together, layout) : together }
}
