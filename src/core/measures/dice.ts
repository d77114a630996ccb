/** Dice coefficient of two masks of a and b pixels that share some. Two empty masks agree (1), an empty one and a drawn one do not (0). */
export const dice = (shared: number, a: number, b: number): number =>
  a + b === 0 ? 1 : (2 * shared) / (a + b)
