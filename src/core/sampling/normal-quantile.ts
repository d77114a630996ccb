/**
 * Quantile of the standard normal distribution by rational functions: AS 241, PPND16 (M. J. Wichura, Applied Statistics
 * 37 (1988) 477-484). The same operations in the same order as in Python; only ln, used in the tails alone, may differ
 * in its last bit.
 */

interface Ratio {
  readonly numerator: readonly number[]
  readonly denominator: readonly number[]
}

/** Beyond this distance from one half the tails' function is used. */
const MIDDLE_HALF_WIDTH = 0.425
/** The function of the far tail begins below 2^-36. */
const SMALLEST = 2 ** -36

/** Coefficients, highest power first. */
const MIDDLE: Ratio = {
  numerator: [
    2509.0809287301226727, 33430.575583588128105, 67265.770927008700853, 45921.953931549871457,
    13731.693765509461125, 1971.5909503065514427, 133.14166789178437745, 3.387132872796366608,
  ],
  denominator: [
    5226.495278852854561, 28729.085735721942674, 39307.89580009271061, 21213.794301586595867,
    5394.1960214247511077, 687.1870074920579083, 42.313330701600911252, 1,
  ],
}
const TAIL: Ratio = {
  numerator: [
    7.7454501427834140764e-4, 0.0227238449892691845833, 0.24178072517745061177, 1.27045825245236838258,
    3.64784832476320460504, 5.7694972214606914055, 4.6303378461565452959, 1.42343711074968357734,
  ],
  denominator: [
    1.05075007164441684324e-9, 5.475938084995344946e-4, 0.0151986665636164571966, 0.14810397642748007459,
    0.68976733498510000455, 1.6763848301838038494, 2.05319162663775882187, 1,
  ],
}

/** Horner's scheme. */
const polynomial = (coefficients: readonly number[], at: number): number =>
  coefficients.reduce((value, coefficient) => value * at + coefficient)

/** x with P(X < x) = share, accurate to about 1e-15. Refused (throws): a share outside 2^-36 .. 1 - 2^-36. */
export function normalQuantile(share: number): number {
  if (!(share >= SMALLEST && share <= 1 - SMALLEST))
    throw new RangeError(`share ${share} is outside the table`)
  const fromHalf = share - 0.5
  if (Math.abs(fromHalf) <= MIDDLE_HALF_WIDTH) {
    const inner = 0.180625 - fromHalf * fromHalf
    return (polynomial(MIDDLE.numerator, inner) * fromHalf) / polynomial(MIDDLE.denominator, inner)
  }
  const outer = Math.sqrt(-Math.log(fromHalf <= 0 ? share : 1 - share)) - 1.6
  const tail = polynomial(TAIL.numerator, outer) / polynomial(TAIL.denominator, outer)
  return fromHalf < 0 ? -tail : tail
}
