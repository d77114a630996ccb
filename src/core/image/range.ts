export interface Range {
  readonly least: number
  readonly most: number
}

/** Smallest and largest finite value of a frame; 0 and 0 where there is none. Padding counts: it is stored too. */
export function valueRange(values: ArrayLike<number>): Range {
  let least = Infinity
  let most = -Infinity
  for (let index = 0; index < values.length; index += 1) {
    const value = values[index] ?? 0
    if (value < least && value !== -Infinity) least = value
    if (value > most && value !== Infinity) most = value
  }
  return least <= most ? { least, most } : { least: 0, most: 0 }
}

/** Like `valueRange`, with padding left out. */
export function rangeWithout(values: ArrayLike<number>, padding: Range | null): Range {
  if (padding === null) return valueRange(values)
  let least = Infinity
  let most = -Infinity
  for (let index = 0; index < values.length; index += 1) {
    const value = values[index] ?? 0
    if (value >= padding.least && value <= padding.most) continue
    if (value < least && value !== -Infinity) least = value
    if (value > most && value !== Infinity) most = value
  }
  return least <= most ? { least, most } : { least: 0, most: 0 }
}
