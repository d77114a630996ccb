import { FIELD_SCALE } from '../../contract'

/**
 * Sums over samples of what each says of a pixel: its probability, and the entropy of that probability. Probabilities
 * are those of the sub-pixel fields, 1 / (1 + exp(-value / 16)).
 */
export interface ProbabilitySums {
  readonly sampleCount: number
  /** Sum of the probabilities at each pixel, [row][column]. */
  readonly probabilities: Float64Array
  /** Sum of their entropies in bits. */
  readonly entropiesBits: Float64Array
}

/** Nothing added yet. */
export const noProbabilities = (pixelCount: number): ProbabilitySums => ({
  sampleCount: 0,
  probabilities: new Float64Array(pixelCount),
  entropiesBits: new Float64Array(pixelCount),
})

/** Entropy of a yes-or-no answer in bits: -p log2 p - (1 - p) log2 (1 - p), 0..1. */
export const binaryEntropyBits = (share: number): number =>
  share <= 0 || share >= 1 ? 0 : -share * Math.log2(share) - (1 - share) * Math.log2(1 - share)

/** By value of a field, from -128. */
const PROBABILITIES = Float64Array.from(
  { length: 256 },
  (_, at) => 1 / (1 + Math.exp((128 - at) / FIELD_SCALE)),
)
const ENTROPIES_BITS = PROBABILITIES.map(binaryEntropyBits)

/** The sums with the fields of more samples (int8, each on the grid of the sums); those before are not changed. */
export function addProbabilities(before: ProbabilitySums, fields: readonly Int8Array[]): ProbabilitySums {
  const probabilities = before.probabilities.slice()
  const entropiesBits = before.entropiesBits.slice()
  for (const field of fields) {
    for (let at = 0; at < probabilities.length; at += 1) {
      const level = (field[at] ?? 0) + 128
      probabilities[at] = (probabilities[at] ?? 0) + (PROBABILITIES[level] ?? 0)
      entropiesBits[at] = (entropiesBits[at] ?? 0) + (ENTROPIES_BITS[level] ?? 0)
    }
  }
  return { sampleCount: before.sampleCount + fields.length, probabilities, entropiesBits }
}

/**
 * Mutual information of pixel and latent in bits, 0..1 at each pixel: entropy of the mean probability less the mean
 * entropy of the probabilities (Depeweg et al. 2018, ICML, "Decomposition of uncertainty", their epistemic part; here
 * the latent is what is drawn). It is the part of a pixel's doubt that goes away once one knows which sample it is: 0
 * where all samples say the same, however unsure each is.
 */
export function latentInformationBits(sums: ProbabilitySums): Float32Array {
  const { sampleCount, probabilities, entropiesBits } = sums
  if (sampleCount === 0) return new Float32Array(probabilities.length)
  return Float32Array.from(probabilities, (sum, at) =>
    // Never below 0 but by rounding.
    Math.max(0, binaryEntropyBits(sum / sampleCount) - (entropiesBits[at] ?? 0) / sampleCount),
  )
}
