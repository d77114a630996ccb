import { STREAM_LATENT, standardNormals } from './counter-rng'
import { type Directions, evenCoordinates, evenNormals, turned } from './even-draws'

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
  return latentsOf(prior, count, (sample) =>
    directions === null
      ? standardNormals(seed, first + sample, STREAM_LATENT, prior.mean.length)
      : evenNormals(seed, first + sample, directions),
  )
}

/**
 * Latents at places that a person chose: [places, L] float32. A place holds its coordinates along the directions
 * (along the latent's own entries without any) in standard deviations of the prior; those it does not name are 0, so that the
 * empty place is the prior's mean: z = mean + sigma (V u).
 */
export function latentsAt(
  prior: LatentPrior,
  directions: Directions | null,
  places: readonly (readonly number[])[],
): Float32Array<ArrayBuffer> {
  return latentsOf(prior, places.length, (at) => {
    const place = places[at] ?? []
    return directions === null ? place : turned(directions, place)
  })
}

/**
 * Where samples 0 .. count - 1 of a source lie, as `latentsAt` reads places: u = V' eps. Without directions the entries
 * themselves.
 */
export function placesOfSamples(
  seed: number,
  draws: 'even' | 'independent',
  directions: Directions | null,
  dimension: number,
  count: number,
): readonly (readonly number[])[] {
  return Array.from({ length: count }, (_, sample) => {
    if (directions !== null && draws === 'even') return evenCoordinates(seed, sample, dimension)
    const noise = [...standardNormals(seed, sample, STREAM_LATENT, dimension)]
    if (directions === null) return noise
    return noise.map((_entry, along) =>
      noise.reduce((sum, value, entry) => sum + value * (directions[entry]?.[along] ?? 0), 0),
    )
  })
}

/** [count, L]: mean + sigma eps of each, rounded once. */
function latentsOf(
  prior: LatentPrior,
  count: number,
  noiseOf: (at: number) => ArrayLike<number>,
): Float32Array<ArrayBuffer> {
  const dimension = prior.mean.length
  const sigma = Float32Array.from(prior.logVariance, (value) => Math.exp(value / 2))
  const latents = new Float32Array(count * dimension)
  for (let at = 0; at < count; at += 1) {
    const noise = noiseOf(at)
    for (let entry = 0; entry < dimension; entry += 1) {
      latents[at * dimension + entry] = (prior.mean[entry] ?? 0) + (sigma[entry] ?? 0) * (noise[entry] ?? 0)
    }
  }
  return latents
}
