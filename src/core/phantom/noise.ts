/** Deterministic noise for the phantom: everything is a function of the phantom's seed and an index, nothing of a state. */
import { STREAM_PHANTOM, standardNormals, uniforms } from '../sampling/counter-rng'

/** One seed for the whole built-in case: another number is another case. */
const PHANTOM_SEED = 20_240_917

/** What each set of random numbers is for; two uses of one index would be correlated. */
export const DRAW = {
  scanNoise: 0,
  lungTexture: 2,
  chestShape: 4,
  rightVessels: 6,
  leftVessels: 7,
  noduleShape: 8,
  spicules: 9,
  reader: 10,
  fundusTexture: 20,
  fundusGrain: 21,
  fundusVessels: 24,
} as const

/** `count` numbers in (0, 1). */
export const phantomUniforms = (draw: number, count: number): Float64Array =>
  uniforms(PHANTOM_SEED, draw, STREAM_PHANTOM, count)

/** `count` standard normal numbers. */
const phantomNormals = (draw: number, count: number): Float64Array =>
  standardNormals(PHANTOM_SEED, draw, STREAM_PHANTOM, count)

/** A power of two, so that a place beyond it wraps by its lowest bits. */
const LATTICE = 32
const smooth = (t: number): number => t * t * (3 - 2 * t)
const mix = (a: number, b: number, t: number): number => a + (b - a) * t
const wrap = (index: number): number => index & (LATTICE - 1)

/** Smooth noise in -1..1 over the plane, one bump a unit, repeating after 32 units. */
export function planeNoise(draw: number): (x: number, y: number) => number {
  const values = phantomUniforms(draw, LATTICE * LATTICE).map((value) => value * 2 - 1)
  return (x, y) => {
    const column = Math.floor(x)
    const row = Math.floor(y)
    const [left, right] = [wrap(column), wrap(column + 1)]
    const [upper, lower] = [wrap(row) * LATTICE, wrap(row + 1) * LATTICE]
    const tx = smooth(x - column)
    const top = mix(values[upper + left] ?? 0, values[upper + right] ?? 0, tx)
    const bottom = mix(values[lower + left] ?? 0, values[lower + right] ?? 0, tx)
    return mix(top, bottom, smooth(y - row))
  }
}

/** Normal noise with the grain of a CT kernel, standard deviation about 1, row by row; repeats seamlessly at the edges. */
export function grainField(draw: number, sizePx: number): Float32Array {
  const white = phantomNormals(draw, sizePx * sizePx)
  const grain = new Float32Array(sizePx * sizePx)
  const weights = [1, 2, 1]
  // The binomial kernel of 3 x 3 has the root sum of squares 6 / 16.
  const scale = 1 / 6
  for (let row = 0; row < sizePx; row += 1) {
    for (let column = 0; column < sizePx; column += 1) {
      let sum = 0
      for (let dr = 0; dr < 3; dr += 1) {
        const start = ((row + dr - 1 + sizePx) % sizePx) * sizePx
        for (let dc = 0; dc < 3; dc += 1) {
          const value = white[start + ((column + dc - 1 + sizePx) % sizePx)] ?? 0
          sum += (weights[dr] ?? 0) * (weights[dc] ?? 0) * value
        }
      }
      grain[row * sizePx + column] = sum * scale
    }
  }
  return grain
}
