/** Samples of one class of a guideline, in the guideline's order. */
export interface ClassCount {
  readonly name: string
  readonly count: number
}

/** A guideline's cut of a number: the classes in order, and the class of one value after the guideline's own rounding. */
export interface Cut {
  readonly classes: readonly string[]
  readonly classOf: (value: number) => string
}

/** How many of the values fall into each class; a class that none falls into counts 0. */
export const countClasses = (values: readonly number[], { classes, classOf }: Cut): readonly ClassCount[] =>
  classes.map((name) => ({ name, count: values.filter((value) => classOf(value) === name).length }))

/** Where a class ends: `below` leaves the bound to the next class, `upTo` keeps it. */
export type Bound = { readonly name: string } & ({ readonly below: number } | { readonly upTo: number })

/** A class that leaves its bound to the next one. */
export const below = (bound: number, name: string): Bound => ({ below: bound, name })

/**
 * Classes between ascending bounds; a value beyond them all belongs to the last. `round` is the guideline's own, taken
 * before.
 */
export function cutAt(bounds: readonly Bound[], last: string, round: (value: number) => number): Cut {
  const holds = (bound: Bound, value: number): boolean =>
    'below' in bound ? value < bound.below : value <= bound.upTo
  return {
    classes: [...bounds.map(({ name }) => name), last],
    classOf: (value) => bounds.find((bound) => holds(bound, round(value)))?.name ?? last,
  }
}

/** Half up at so many decimals. Guidelines do not say what a half does; up is our choice, and said in the guide. */
export const roundHalfUp =
  (decimals: number) =>
  (value: number): number => {
    const scale = 10 ** decimals
    // 8.45 lies a hair below its decimal value in binary; a hair is no tenth of a millimetre.
    return Math.floor(value * scale + 0.5 + 1e-9) / scale
  }
