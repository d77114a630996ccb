import { quantise, randomWords, STREAM_SHIFT } from './counter-rng'
import { normalQuantile } from './normal-quantile'
import { MAX_SOBOL_DIMENSION, sobolWords } from './sobol'

/** An orthonormal matrix [L][L]; its columns are directions of the latent, the one that moves the logits most first. */
export type Directions = readonly (readonly number[])[]

const TWO_TO_32 = 2 ** 32
const QUANTUM = 2 ** 20
/** Directions are rounded to multiples of 2^-20. */
const ORTHONORMAL_WITHIN = 1e-4

/**
 * Standard normal noise of sample `sampleIndex` of `seed`, as many entries as there are directions, multiples of 2^-20.
 * It is the k-th Sobol point, every coordinate shifted (XOR) by what the seed gives, through the normal quantile, turned
 * by the directions: each sample for itself has the normal's distribution, together they cover it evenly. Directions
 * and normals are multiples of 2^-20 and small, so that products and sums are exact in any order.
 */
export function evenNormals(seed: number, sampleIndex: number, directions: Directions): Float64Array {
  const dimension = directions.length
  const shift = randomWords(seed, 0, STREAM_SHIFT, dimension)
  const along = Array.from(sobolWords(sampleIndex, dimension), (word, at) =>
    quantise(normalQuantile((((word ^ (shift[at] ?? 0)) >>> 0) + 0.5) / TWO_TO_32)),
  )
  return Float64Array.from(directions, (row) =>
    quantise(along.reduce((sum, normal, at) => sum + normal * (row[at] ?? 0), 0)),
  )
}

/** Why a matrix cannot turn the noise of a latent of `dimension`; empty when it can. */
export function faultOfDirections(directions: Directions, dimension: number): string {
  if (dimension < 1 || dimension > MAX_SOBOL_DIMENSION) {
    return `even draws need a latent of 1 to ${MAX_SOBOL_DIMENSION} dimensions, not ${dimension}`
  }
  if (directions.length !== dimension || directions.some((row) => row.length !== dimension)) {
    return `the directions of even draws are not ${dimension} x ${dimension} numbers`
  }
  if (!directions.flat().every((value) => Number.isInteger(value * QUANTUM))) {
    return 'the directions of even draws are not multiples of 2^-20'
  }
  for (let first = 0; first < dimension; first += 1) {
    for (let second = first; second < dimension; second += 1) {
      const product = directions.reduce((sum, row) => sum + (row[first] ?? 0) * (row[second] ?? 0), 0)
      if (Math.abs(product - (first === second ? 1 : 0)) > ORTHONORMAL_WITHIN) {
        return 'the directions of even draws are not orthonormal, which would change what the model holds possible'
      }
    }
  }
  return ''
}
