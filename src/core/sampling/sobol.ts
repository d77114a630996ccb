/**
 * Sobol points as 32-bit words, with the direction numbers of S. Joe and F. Y. Kuo, "Constructing Sobol sequences with
 * better two-dimensional projections", SIAM J. Sci. Comput. 30 (2008) 2635-2654, their table new-joe-kuo-6.21201.
 * Points come in the order of the Gray code, so that sample k is written down without those before it.
 */

const BITS = 32

/** Dimensions 2 on: inner coefficients of the primitive polynomial as bits, and the first odd numbers m. */
const TABLE: readonly (readonly [inner: number, first: readonly number[]])[] = [
  [0, [1]],
  [1, [1, 3]],
  [1, [1, 3, 1]],
  [2, [1, 1, 1]],
  [1, [1, 1, 3, 3]],
  [4, [1, 3, 5, 13]],
  [2, [1, 1, 5, 5, 17]],
  [4, [1, 1, 5, 5, 5]],
  [7, [1, 1, 7, 11, 19]],
  [11, [1, 1, 5, 1, 1]],
  [13, [1, 1, 1, 3, 11]],
  [14, [1, 3, 5, 5, 31]],
  [1, [1, 3, 3, 9, 7, 49]],
  [13, [1, 1, 1, 15, 21, 21]],
  [16, [1, 3, 1, 13, 27, 49]],
]

export const MAX_SOBOL_DIMENSION = 1 + TABLE.length

/** v_j = m_j 2^(31 - j), the rest by the polynomial's recurrence; the first dimension has m_j = 1. */
function directionNumbers(dimension: number): Uint32Array {
  const numbers = new Uint32Array(BITS)
  const entry = TABLE[dimension - 2]
  if (entry === undefined) {
    for (let bit = 0; bit < BITS; bit += 1) numbers[bit] = 2 ** (BITS - 1 - bit)
    return numbers
  }
  const [inner, first] = entry
  const degree = first.length
  first.forEach((odd, bit) => (numbers[bit] = odd * 2 ** (BITS - 1 - bit)))
  for (let bit = degree; bit < BITS; bit += 1) {
    const before = numbers[bit - degree] ?? 0
    let value = before ^ (before >>> degree)
    for (let back = 1; back < degree; back += 1) {
      if (((inner >>> (degree - 1 - back)) & 1) === 1) value ^= numbers[bit - back] ?? 0
    }
    numbers[bit] = value >>> 0
  }
  return numbers
}

const NUMBERS = Array.from({ length: MAX_SOBOL_DIMENSION }, (_, at) => directionNumbers(at + 1))

/** Point `index` (0 <= index < 2^32): `dimension` 32-bit words; point 0 is the corner 0. Refused (throws): more dimensions than the table has. */
export function sobolWords(index: number, dimension: number): Uint32Array {
  if (dimension < 1 || dimension > MAX_SOBOL_DIMENSION) {
    throw new RangeError(`Sobol points of ${dimension} dimensions: the table has 1 to ${MAX_SOBOL_DIMENSION}`)
  }
  const gray = (index ^ (index >>> 1)) >>> 0
  return Uint32Array.from({ length: dimension }, (_, at) => {
    let word = 0
    for (let bit = 0; bit < BITS; bit += 1) {
      if (((gray >>> bit) & 1) === 1) word ^= NUMBERS[at]?.[bit] ?? 0
    }
    return word >>> 0
  })
}
