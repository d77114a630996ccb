/** A seed as the generator takes it: docs/decisions/0011-one-noise-in-two-languages.md. */

export type Words2 = readonly [number, number]

export const TWO_TO_32 = 2 ** 32

/** Seeds are whole numbers that a double holds exactly. */
const MAXIMUM_SEED = Number.MAX_SAFE_INTEGER

/** Throws where a number that names a draw is not a whole one in 0..limit. */
export function requireWhole(value: number, limit: number, name: string): void {
  if (!Number.isInteger(value) || value < 0 || value > limit) {
    throw new RangeError(`${name} ${value} is not a whole number in 0..${limit}`)
  }
}

/** Low and high 32 bits of a seed, the key of the generator. Throws outside 0..2^53-1. */
export function seedWords(seed: number): Words2 {
  requireWhole(seed, MAXIMUM_SEED, 'seed')
  return [seed % TWO_TO_32, Math.floor(seed / TWO_TO_32)]
}
