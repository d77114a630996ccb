import type { Range } from './range'

/** What a file says of values that only fill its frames up to a rectangle (PS3.3 C.7.5.1.1.2). */
export interface StatedPadding {
  readonly paddingStored: number | null
  readonly paddingLimitStored?: number | undefined
}

/** The stored values, both ends among them, that stand for what was not imaged; null where the file states none. */
export function paddingRange({ paddingStored, paddingLimitStored }: StatedPadding): Range | null {
  if (paddingStored === null) return null
  const other = paddingLimitStored ?? paddingStored
  return { least: Math.min(paddingStored, other), most: Math.max(paddingStored, other) }
}
