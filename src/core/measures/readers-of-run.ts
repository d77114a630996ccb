import { placeOfTarget, sliceOfTarget } from '../subject/subject'
import type { Grid, Reading, ReadingSet, RunTarget, Structure } from '../../contract'
import { decodeBoxMask } from '../contour/box-mask'
import type { SliceReading } from './readers-on-grid'

/**
 * Those who read the structure of a run, on its slice; who drew nothing there has an empty mask. Without a structure
 * named it is the one nearest to the run's centre among those that touch the crop. None where nobody drew on this slice.
 */
export function readersOfRun(set: ReadingSet | null, target: RunTarget, grid: Grid): SliceReading[] {
  if (set === null) return []
  const place = placeOfTarget(target)
  const structure =
    place === null ? set.structures[0] : structureAt(set.structures, place, place.structureId, grid)
  if (structure === undefined) return []
  const sliceIndex = sliceOfTarget(target)
  if (place !== null && !structure.readings.some((reading) => onSlice(reading, sliceIndex) !== undefined))
    return []
  return structure.readings.map((reading) => {
    const drawn = onSlice(reading, sliceIndex)
    const { readingId, letter } = reading
    if (drawn !== undefined) return { readingId, letter, placed: decodeBoxMask(drawn.mask) }
    const mask = { widthPx: 0, heightPx: 0, pixels: new Uint8Array(0) }
    return { readingId, letter, placed: { originColumn: grid.originColumn, originRow: grid.originRow, mask } }
  })
}

const onSlice = (reading: Reading, sliceIndex: number): Reading['slices'][number] | undefined =>
  reading.slices.find((slice) => slice.sliceIndex === sliceIndex)

interface Centre {
  readonly column: number
  readonly row: number
  readonly sliceIndex: number
}

/** The structure of that id; without one, the nearest to the place among those that touch the crop. */
export function structureAt(
  structures: readonly Structure[],
  centre: Centre,
  structureId: string | null,
  grid: Grid,
): Structure | undefined {
  if (structureId !== null) return structures.find((structure) => structure.structureId === structureId)
  const away = ({ centre: { column, row } }: Structure): number =>
    Math.hypot(column - centre.column, row - centre.row)
  return structures
    .filter((structure) => structure.readings.some((reading) => touches(reading, centre.sliceIndex, grid)))
    .sort((a, b) => away(a) - away(b))[0]
}

function touches(reading: Reading, sliceIndex: number, grid: Grid): boolean {
  const box = onSlice(reading, sliceIndex)?.mask
  return (
    box !== undefined &&
    box.originColumn < grid.originColumn + grid.widthPx &&
    box.originColumn + box.widthPx > grid.originColumn &&
    box.originRow < grid.originRow + grid.heightPx &&
    box.originRow + box.heightPx > grid.originRow
  )
}
