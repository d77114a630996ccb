import type { RunTarget, SliceInstance, Structure, Subject } from '../../contract'
import { namedPlace } from '../../core/subject/slice-places'
import type { ImagePoint } from '../../core/geometry/image-point'

/** What a run is about: a structure that readers outlined, or a place that was clicked. */
export interface Target {
  readonly key: string
  readonly label: string
  readonly structureId: string | null
  /**
   * The structure that a run of it is asked for with. A place that was clicked before its structure was known goes on
   * as it was asked, so that its samples stay.
   */
  readonly askedAs: string | null
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
  askedAs: structure.structureId,
  centre: { column: structure.centre.column, row: structure.centre.row },
  firstSlice: structure.firstSlice,
  lastSlice: structure.lastSlice,
  homeSlice: structure.centre.sliceIndex,
})

/** A click where no reader outlined anything: its own target, named by a number that no other place has. */
export function targetOfClick(point: ImagePoint, sliceIndex: number, others: readonly Target[]): Target {
  const number = 1 + Math.max(0, ...others.map(({ key }) => Number(/^click\/(\d+)$/.exec(key)?.[1] ?? 0)))
  return {
    key: `click/${number}`,
    label: `Place ${number}`,
    structureId: null,
    askedAs: null,
    centre: point,
    firstSlice: sliceIndex,
    lastSlice: sliceIndex,
    homeSlice: sliceIndex,
  }
}

/** A place that was clicked before the readings came in, now known to lie on this structure. */
export const targetOfJoined = (click: Target, structure: Structure): Target => ({
  ...targetOfStructure(structure),
  centre: click.centre,
  askedAs: click.askedAs,
})

/** What a run on one slice of a subject is asked for: a place in it, or a photograph whole. Null: no place was chosen. */
export function runTargetOn(
  subject: Subject,
  sliceIndex: number,
  place: Pick<Target, 'centre' | 'askedAs'> | null,
  slices: readonly SliceInstance[] | null,
): RunTarget | null {
  if (subject.kind === 'image') return subject
  if (place === null) return null
  const { column, row } = place.centre
  return namedPlace({ ...subject, sliceIndex, column, row, structureId: place.askedAs }, slices)
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
