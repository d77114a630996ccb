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
 * Where sample `sampleIndex` of `seed` lies along each direction, in standard deviations of the prior, multiples of
 * 2^-20: the k-th Sobol point, every coordinate shifted (XOR) by what the seed gives, through the normal quantile.
 */
export function evenCoordinates(seed: number, sampleIndex: number, dimension: number): readonly number[] {
  const shift = randomWords(seed, 0, STREAM_SHIFT, dimension)
  return Array.from(sobolWords(sampleIndex, dimension), (word, at) =>
    quantise(normalQuantile((((word ^ (shift[at] ?? 0)) >>> 0) + 0.5) / TWO_TO_32)),
  )
}

/** What lies `along` the directions, as noise of the latent's own entries: V u, rounded to multiples of 2^-20. */
export const turned = (directions: Directions, along: readonly number[]): Float64Array =>
  Float64Array.from(directions, (row) =>
    quantise(along.reduce((sum, normal, at) => sum + normal * (row[at] ?? 0), 0)),
  )

/**
 * Standard normal noise of sample `sampleIndex` of `seed`, as many entries as there are directions, multiples of 2^-20:
 * its coordinates turned by the directions. Each sample for itself has the normal's distribution, together they cover
 * it evenly. Directions and normals are multiples of 2^-20 and small, so that products and sums are exact in any order.
 */
export const evenNormals = (seed: number, sampleIndex: number, directions: Directions): Float64Array =>
  turned(directions, evenCoordinates(seed, sampleIndex, directions.length))

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
