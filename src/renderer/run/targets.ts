import type { RunTarget, Structure, Subject } from '../../contract'
import type { ImagePoint } from '../../core/geometry/image-point'

/** What a run is about: a structure that readers outlined, or a place that was clicked. */
export interface Target {
  readonly key: string
  readonly label: string
  readonly structureId: string | null
  readonly centre: ImagePoint
  /** Slices on which it was seen or clicked. */
  readonly firstSlice: number
  readonly lastSlice: number
  /** The slice to go to when it is chosen from the list. */
  readonly homeSlice: number
}

export const targetOfStructure = (structure: Structure): Target => ({
  key: `structure/${structure.structureId}`,
  label: structure.label,
  structureId: structure.structureId,
  centre: { column: structure.centre.column, row: structure.centre.row },
  firstSlice: structure.firstSlice,
  lastSlice: structure.lastSlice,
  homeSlice: structure.centre.sliceIndex,
})

/** A click where no reader outlined anything: its own target, named by its place. */
export const targetOfClick = (point: ImagePoint, sliceIndex: number, number: number): Target => ({
  key: `click/${number}`,
  label: `Place ${number}`,
  structureId: null,
  centre: point,
  firstSlice: sliceIndex,
  lastSlice: sliceIndex,
  homeSlice: sliceIndex,
})

/** What a run on one slice of a subject is asked for: a place in it, or a photograph whole. Null: no place was chosen. */
export function runTargetOn(
  subject: Subject,
  sliceIndex: number,
  place: Pick<Target, 'centre' | 'structureId'> | null,
): RunTarget | null {
  if (subject.kind === 'image') return subject
  if (place === null) return null
  const { column, row } = place.centre
  return { ...subject, sliceIndex, column, row, structureId: place.structureId }
}

/** Room around a structure's outlines that still counts as a click on it. */
const REACH_PX = 6

/** The structure under a click: the point lies in the box of its readers' outlines on this slice, or just beside it. */
export function structureAt(
  structures: readonly Structure[],
  sliceIndex: number,
  point: ImagePoint,
): Structure | null {
  return (
    structures.find((structure) =>
      structure.readings.some((reading) =>
        reading.slices.some(
          ({ sliceIndex: at, mask }) =>
            at === sliceIndex &&
            point.column >= mask.originColumn - REACH_PX &&
            point.column <= mask.originColumn + mask.widthPx - 1 + REACH_PX &&
            point.row >= mask.originRow - REACH_PX &&
            point.row <= mask.originRow + mask.heightPx - 1 + REACH_PX,
        ),
      ),
    ) ?? null
  )
}
