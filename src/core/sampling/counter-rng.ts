/**
 * Random numbers without a state: Philox 4x32-10 (Salmon et al. 2011, Random123). A number is a function of seed,
 * sample, stream and position, so sample k of seed s is the same in any chunking, on any device and in Python.
 *
 *   counter = (block, sampleIndex, stream, 0)      key = (low word of the seed, high word of the seed)
 */
import { requireWhole, seedWords, TWO_TO_32, type Words2 } from './seed'

export type Words4 = readonly [number, number, number, number]

/** What a draw is for. Streams of one seed do not meet; 3 (augmentation) and 4 (validation) are the trainer's. */
export const STREAM_LATENT = 0
export const STREAM_BOOTSTRAP = 1
export const STREAM_PHANTOM = 2
/** Orders of cases and readers. */
export const STREAM_CASES = 5
/** What a seed shifts the points of even draws by. */
export const STREAM_SHIFT = 6

const ROUNDS = 10
const MULTIPLIER_0 = 0xd2511f53
const MULTIPLIER_1 = 0xcd9e8d57
const WEYL_0 = 0x9e3779b9
const WEYL_1 = 0xbb67ae85

/** Libraries' ln, sin and cos differ in the last bit of a double; on multiples of 2^-20 they agree (exact in float32). */
const QUANTUM = 2 ** 20

/** High 32 bits of the 64-bit product of two 32-bit words, from 16-bit halves. */
function multiplyHigh(a: number, b: number): number {
  const aLow = a & 0xffff
  const aHigh = a >>> 16
  const bLow = b & 0xffff
  const bHigh = b >>> 16
  const low = aLow * bLow
  const cross = aHigh * bLow + (low >>> 16)
  const crossLow = (cross % 0x10000) + aLow * bHigh
  return (aHigh * bHigh + Math.floor(cross / 0x10000) + Math.floor(crossLow / 0x10000)) >>> 0
}

/** Ten rounds on four 32-bit counter words with two key words: four 32-bit words (0 <= word < 2^32). */
export function philoxBlock(counter: Words4, key: Words2): Words4 {
  let [c0, c1, c2, c3] = counter
  let [k0, k1] = key
  for (let round = 0; round < ROUNDS; round += 1) {
    const high0 = multiplyHigh(c0, MULTIPLIER_0)
    const low0 = Math.imul(c0, MULTIPLIER_0) >>> 0
    const high1 = multiplyHigh(c2, MULTIPLIER_1)
    const low1 = Math.imul(c2, MULTIPLIER_1) >>> 0
    c0 = (high1 ^ c1 ^ k0) >>> 0
    c1 = low1
    c2 = (high0 ^ c3 ^ k1) >>> 0
    c3 = low0
    k0 = (k0 + WEYL_0) >>> 0
    k1 = (k1 + WEYL_1) >>> 0
  }
  return [c0, c1, c2, c3]
}

/** 32-bit words of a sample, whole blocks of four: at least `count`. Refused as `uniforms` refuses. */
export function randomWords(seed: number, sampleIndex: number, stream: number, count: number): Float64Array {
  requireWhole(sampleIndex, TWO_TO_32 - 1, 'sample index')
  requireWhole(stream, TWO_TO_32 - 1, 'stream')
  const key = seedWords(seed)
  const words = new Float64Array(Math.ceil(count / 4) * 4)
  for (let block = 0; block * 4 < count; block += 1) {
    words.set(philoxBlock([block, sampleIndex, stream, 0], key), block * 4)
  }
  return words
}

/**
 * `count` numbers in (0, 1): (word + 1/2) / 2^32, entry j from block floor(j / 4), position j mod 4. Refused (throws):
 * a seed outside 0..2^53-1, an index or stream outside 32 bits.
 */
export function uniforms(seed: number, sampleIndex: number, stream: number, count: number): Float64Array {
  return randomWords(seed, sampleIndex, stream, count)
    .map((word) => (word + 0.5) / TWO_TO_32)
    .subarray(0, count)
}

/**
 * `count` standard normal numbers, multiples of 2^-20: Box-Muller on pairs of `uniforms`, R = sqrt(-2 ln u),
 * (R cos 2 pi v, R sin 2 pi v), then floor(v 2^20 + 1/2) / 2^20. Entry j of sample k does not depend on `count`.
 */
export function standardNormals(
  seed: number,
  sampleIndex: number,
  stream: number,
  count: number,
): Float64Array {
  const words = randomWords(seed, sampleIndex, stream, count)
  const normals = new Float64Array(words.length)
  for (let pair = 0; pair < words.length; pair += 2) {
    const radius = Math.sqrt(-2 * Math.log(((words[pair] ?? 0) + 0.5) / TWO_TO_32))
    const angle = 2 * Math.PI * (((words[pair + 1] ?? 0) + 0.5) / TWO_TO_32)
    normals[pair] = quantise(radius * Math.cos(angle))
    normals[pair + 1] = quantise(radius * Math.sin(angle))
  }
  return normals.subarray(0, count)
}

/** The nearest multiple of 2^-20, halves upward. */
export const quantise = (value: number): number => Math.floor(value * QUANTUM + 0.5) / QUANTUM
