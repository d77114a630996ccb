import { encodeBoxMask } from '../../core/contour/box-mask'
import type { ShownReading } from './shown-reading'

/**
 * What a reading marks, whatever it is called and in whatever order: two readings with the same key are one, pixel for
 * pixel. Null where nothing is marked: two people who saw nothing did not copy from each other.
 */
export function contentKey(reading: Pick<ShownReading, 'structures'>): string | null {
  const keys = structureKeys(reading)
  return keys.length === 0 ? null : keys.join('|')
}

/** Keys of files that would be a copy of it: of all of it, and of each structure, since formats of masks hold one each. */
export function copyKeys(reading: Pick<ShownReading, 'structures'>): readonly string[] {
  const keys = structureKeys(reading)
  return keys.length === 0 ? [] : [keys.join('|'), ...keys]
}

/** A key a structure that marks anything, in an order of their own. */
const structureKeys = ({ structures }: Pick<ShownReading, 'structures'>): readonly string[] =>
  structures
    .flatMap(({ outlines }) => {
      const slices = outlines.flatMap(({ sliceIndex, placed }) => {
        const box = encodeBoxMask(placed.mask, placed.originColumn, placed.originRow)
        const { originColumn, originRow, widthPx, bits } = box
        return widthPx === 0 ? [] : [`${sliceIndex}:${originColumn},${originRow},${widthPx}:${bits}`]
      })
      return slices.length === 0 ? [] : [slices.sort().join(';')]
    })
    .sort()
