/** Whether voxels are what somebody drew, and no picture: labels, or shares of a structure. */
import type { PixelArray } from '../../image/pixel-layout'

/** More labels than this are a picture, as where labels come in as readings. */
const MOST_LABELS = 1024
/** A voxel of a label has its own kind beside it; of a picture next to none has, noise sees to that. */
const LEAST_ALIKE_FRACTION = 0.6
/** Of shares nearly all are 0 or 1. */
const LEAST_SURE_FRACTION = 0.8

interface Seen {
  readonly labels: Set<number>
  marked: number
  alike: number
  sure: number
  all: number
  isWhole: boolean
}

/** False as soon as it is told that this is a picture. */
function look(values: PixelArray, seen: Seen): boolean {
  let last = NaN
  for (const value of values) {
    if (!(value >= 0)) return false
    seen.all += 1
    if (value === 0 || value === 1) seen.sure += 1
    if (value !== 0) {
      seen.marked += 1
      if (value === last) seen.alike += 1
      else if (!Number.isInteger(value)) seen.isWhole = false
      else if (seen.labels.size <= MOST_LABELS) seen.labels.add(value)
      if (!seen.isWhole && value > 1) return false
      if (seen.labels.size > MOST_LABELS) return false
    }
    last = value
  }
  return true
}

/**
 * Whether all planes hold whole numbers from 0 on that lie in patches, or shares from 0 to 1 of which nearly all are
 * either. Such a file is a reading: a reader who is blind is not to come upon it as a picture.
 */
export function isLabelMap(planes: Iterable<PixelArray>): boolean {
  const seen: Seen = { labels: new Set(), marked: 0, alike: 0, sure: 0, all: 0, isWhole: true }
  for (const values of planes) if (!look(values, seen)) return false
  if (!seen.isWhole)
    return [...seen.labels].every((label) => label === 1) && seen.sure >= LEAST_SURE_FRACTION * seen.all
  return seen.alike >= LEAST_ALIKE_FRACTION * seen.marked
}
