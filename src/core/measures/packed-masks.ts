import type { Steps } from './steps'

/** Masks over the same pixels, 32 pixels a word, so that two masks are compared a word at a time. */
export interface PackedMasks {
  readonly count: number
  readonly wordsPerMask: number
  /** `count` masks one after another; pixel i of a mask is bit i mod 32 of its word floor(i / 32). */
  readonly words: Uint32Array
  /** Pixels set in each mask. */
  readonly pixelCounts: Uint32Array
}

/** Packs masks of `pixelCount` pixels, each 0 or 1; a step a mask. */
export function* packMasks(masks: readonly Uint8Array[], pixelCount: number): Steps<PackedMasks> {
  const wordsPerMask = (pixelCount + 31) >>> 5
  const words = new Uint32Array(wordsPerMask * masks.length)
  const pixelCounts = new Uint32Array(masks.length)
  for (const [index, mask] of masks.entries()) {
    const start = index * wordsPerMask
    const end = mask.lastIndexOf(1) + 1
    for (let at = Math.max(0, mask.indexOf(1)) & ~31; at < end; at += 32) {
      let word = 0
      for (let bit = 0; bit < 32 && at + bit < end; bit += 1) word |= (mask[at + bit] ?? 0) << bit
      words[start + (at >>> 5)] = word
    }
    pixelCounts[index] = sharedBits(words, start, words, start, wordsPerMask)
    yield
  }
  return { count: masks.length, wordsPerMask, words, pixelCounts }
}

/** Pixels that mask i of `a` and mask k of `b` share, at [i * b.count + k]; a step a mask of `a`. */
export function* intersections(a: PackedMasks, b: PackedMasks): Steps<Uint32Array> {
  const table = new Uint32Array(a.count * b.count)
  for (let i = 0; i < a.count; i += 1) {
    for (let k = 0; k < b.count; k += 1) {
      // The table of masks with themselves is symmetric: its lower half is copied.
      table[i * b.count + k] =
        a === b && k < i
          ? (table[k * b.count + i] ?? 0)
          : sharedBits(a.words, i * a.wordsPerMask, b.words, k * b.wordsPerMask, a.wordsPerMask)
    }
    yield
  }
  return table
}

/** Bits set in both of two runs of words: Warren, Hacker's Delight 5-1. */
function sharedBits(a: Uint32Array, startA: number, b: Uint32Array, startB: number, length: number): number {
  let total = 0
  for (let at = 0; at < length; at += 1) {
    let bits = (a[startA + at] ?? 0) & (b[startB + at] ?? 0)
    if (bits === 0) continue
    bits -= (bits >>> 1) & 0x55555555
    bits = (bits & 0x33333333) + ((bits >>> 2) & 0x33333333)
    total += Math.imul((bits + (bits >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24
  }
  return total
}
