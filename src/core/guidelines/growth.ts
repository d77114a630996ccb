/** Two looks at one lesion. */
export interface Growth {
  /** ln(V2 / V1) / days; below 0 it shrank. */
  readonly ratePerDay: number
  /** Days in which the volume doubles; null where it did not grow. */
  readonly doublingDays: number | null
}

/**
 * Same-day repeats of one nodule differ by up to this part of its volume (95 %; reviewed in Eur Radiol 2021,
 * doi 10.1007/s00330-021-08302-0): a smaller change is none that could be told.
 */
export const RESCAN_FLOOR = 0.25

/** Schwartz 1961: volume doubling time = days ln 2 / ln(V2 / V1). Throws a RangeError unless days and volumes are above 0. */
export function growthOf(firstMm3: number, secondMm3: number, days: number): Growth {
  if (!(firstMm3 > 0 && secondMm3 > 0 && days > 0))
    throw new RangeError('growth needs two volumes and days above 0')
  const ratePerDay = Math.log(secondMm3 / firstMm3) / days
  return { ratePerDay, doublingDays: ratePerDay > 0 ? Math.LN2 / ratePerDay : null }
}

/**
 * Growth of each pair of a sample of the first and a sample of the second look: they were drawn without knowing of
 * each other, so that all pairs are as likely. Ascending by rate.
 */
export function growthOfPairs(
  first: readonly number[],
  second: readonly number[],
  days: number,
): readonly Growth[] {
  return first
    .flatMap((before) => second.map((after) => growthOf(before, after, days)))
    .sort((a, b) => a.ratePerDay - b.ratePerDay)
}
