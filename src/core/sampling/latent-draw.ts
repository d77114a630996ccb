import { STREAM_LATENT, standardNormals } from './counter-rng'
import { type Directions, evenNormals } from './even-draws'

/** A diagonal normal over the latent: what the encoder says about one image. Both arrays have L entries, float32. */
export interface LatentPrior {
  readonly mean: Float32Array
  /** 2 ln sigma. */
  readonly logVariance: Float32Array
}

/** Where the noise of a run comes from; without directions its samples are independent. */
export interface NoiseSource {
  readonly seed: number
  readonly directions: Directions | null
}

/**
 * Latents of samples `first` .. `first + count - 1` of a source: [count, L] float32. sigma = exp(logVariance / 2) is
 * taken in float64 and rounded to float32 (its last bit differs between libraries); z = mean + sigma eps in float64
 * (the product is exact), rounded once. docs/decisions/0011-one-noise-in-two-languages.md.
 */
export function drawLatents(
  prior: LatentPrior,
  { seed, directions }: NoiseSource,
  first: number,
  count: number,
): Float32Array<ArrayBuffer> {
  const dimension = prior.mean.length
  const sigma = Float32Array.from(prior.logVariance, (value) => Math.exp(value / 2))
  const latents = new Float32Array(count * dimension)
  for (let sample = 0; sample < count; sample += 1) {
    const index = first + sample
    const noise =
      directions === null
        ? standardNormals(seed, index, STREAM_LATENT, dimension)
        : evenNormals(seed, index, directions)
    for (let entry = 0; entry < dimension; entry += 1) {
      latents[sample * dimension + entry] =
        (prior.mean[entry] ?? 0) + (sigma[entry] ?? 0) * (noise[entry] ?? 0)
    }
  }
  return latents
}
