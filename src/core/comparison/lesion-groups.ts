import type { PlacedMask } from '../contour/box-mask'
import { unionOf } from '../contour/united-masks'
import type { SliceOutline } from '../measures/voxel-block'

/** One structure of one reading. */
export interface StructureOutlines {
  readonly reading: number
  readonly label: string
  readonly outlines: readonly SliceOutline[]
}

/** The structures that mark a pixel, with the outlines that do. */
export const drawnStructures = (structures: readonly StructureOutlines[]): StructureOutlines[] =>
  structures
    .map((one) => ({
      ...one,
      outlines: one.outlines.filter(({ placed }) => placed.mask.pixels.includes(1)),
    }))
    .filter(({ outlines }) => outlines.length > 0)

/**
 * Structures of readings that are about the same thing: those that share a voxel, directly or through others, also two
 * of one reading (one reader saw one nodule where another saw two). In the order of their first slice, then row.
 * Structures without a pixel belong to none.
 */
export function lesionGroups(structures: readonly StructureOutlines[]): StructureOutlines[][] {
  const groups: StructureOutlines[][] = []
  for (const structure of drawnStructures(structures)) {
    const touching = groups.filter((group) => group.some((other) => overlap(structure, other)))
    for (const group of touching) groups.splice(groups.indexOf(group), 1)
    groups.push([...touching.flat(), structure])
  }
  return groups
    .map((group) => group.toSorted((a, b) => a.reading - b.reading))
    .sort((a, b) => firstPlace(a) - firstPlace(b))
}

/** What one reading marked in one place, all of its structures taken together: one mask a slice, in the slices' order. */
export function onePerSlice(structures: readonly StructureOutlines[]): SliceOutline[] {
  const bySlice = new Map<number, PlacedMask[]>()
  for (const { sliceIndex, placed } of structures.flatMap(({ outlines }) => outlines))
    bySlice.set(sliceIndex, [...(bySlice.get(sliceIndex) ?? []), placed])
  return [...bySlice]
    .map(([sliceIndex, masks]) => ({
      sliceIndex,
      placed: masks.length === 1 && masks[0] ? masks[0] : unionOf(masks),
    }))
    .sort((a, b) => a.sliceIndex - b.sliceIndex)
}

/** What is taken together: labels of readings that have more than one structure in the place; none where none has. */
export function labelsTogether(group: readonly StructureOutlines[]): string[] {
  const several = group.filter((one) => group.filter(({ reading }) => reading === one.reading).length > 1)
  return [...new Set(several.map(({ label }) => label))]
}

/** Slices count before rows: no image has 2^20 rows. */
const firstPlace = (group: readonly StructureOutlines[]): number =>
  Math.min(
    ...group.flatMap(({ outlines }) =>
      outlines.map(({ sliceIndex, placed }) => sliceIndex * 2 ** 20 + placed.originRow),
    ),
  )

function overlap(a: StructureOutlines, b: StructureOutlines): boolean {
  return a.outlines.some((one) =>
    b.outlines.some((other) => one.sliceIndex === other.sliceIndex && shareAPixel(one.placed, other.placed)),
  )
}

function shareAPixel(a: PlacedMask, b: PlacedMask): boolean {
  const left = Math.max(a.originColumn, b.originColumn)
  const top = Math.max(a.originRow, b.originRow)
  const right = Math.min(a.originColumn + a.mask.widthPx, b.originColumn + b.mask.widthPx)
  const bottom = Math.min(a.originRow + a.mask.heightPx, b.originRow + b.mask.heightPx)
  for (let row = top; row < bottom; row += 1) {
    const lineA = (row - a.originRow) * a.mask.widthPx - a.originColumn
    const lineB = (row - b.originRow) * b.mask.widthPx - b.originColumn
    for (let column = left; column < right; column += 1) {
      if (a.mask.pixels[lineA + column] === 1 && b.mask.pixels[lineB + column] === 1) return true
    }
  }
  return false
}
