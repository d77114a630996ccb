import type { ClickedPlace, RunTarget, SliceInstance, Structure, Subject } from '../../contract'
import { nameOfPlace } from '../../core/subject/clicked-places'
import { namedPlace } from '../../core/subject/slice-places'
import type { ImagePoint } from '../../core/geometry/image-point'

/** What a run is about: a structure that readers outlined, or a place that was clicked. */
export interface Target {
  readonly key: string
  readonly label: string
  readonly structureId: string | null
  /** The place of the reader who looks that it is centred on; null: readers' outlines alone say where it is. */
  readonly placeId: string | null
  /**
   * The structure that a run of it is asked for with. A place that was clicked goes on as it was asked when its structure
   * becomes known, so that its samples stay.
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
  placeId: null,
  askedAs: structure.structureId,
  centre: { column: structure.centre.column, row: structure.centre.row },
  firstSlice: structure.firstSlice,
  lastSlice: structure.lastSlice,
  homeSlice: structure.centre.sliceIndex,
})

export const placeKey = (placeId: string): string => `place/${placeId}`

/** A place that was clicked, where its slice lies among those that are open. */
export interface FoundPlace {
  readonly place: ClickedPlace
  readonly sliceIndex: number
}

const targetOfPlace = ({ place, sliceIndex }: FoundPlace, on: Structure | null): Target => ({
  key: placeKey(place.placeId),
  label: place.name ?? (on === null ? nameOfPlace(place) : `${on.label} · ${nameOfPlace(place)}`),
  structureId: on?.structureId ?? null,
  placeId: place.placeId,
  askedAs: null,
  centre: place.point,
  firstSlice: sliceIndex,
  lastSlice: sliceIndex,
  homeSlice: sliceIndex,
})

/**
 * Structures, then places. A place that lies on a structure is joined to it, whichever was known first: the newest there
 * stands for the structure and takes its name, others stand beside it. Nothing of that is kept: it follows from where
 * they lie, so that a place that is moved away is a place of its own again.
 */
export function targetsOf(
  structures: readonly Structure[],
  places: readonly FoundPlace[],
): readonly Target[] {
  const placed = places.map((found) => ({
    found,
    on: structureAt(structures, found.sliceIndex, found.place.point),
  }))
  const standsFor = new Map(
    placed.flatMap(({ found, on }) => (on === null ? [] : [[on.structureId, found] as const])),
  )
  const isApart = ({ found, on }: (typeof placed)[number]): boolean =>
    on === null || standsFor.get(on.structureId) !== found
  return [
    ...structures.map((structure): Target => {
      const own = targetOfStructure(structure)
      const found = standsFor.get(structure.structureId)
      if (found === undefined) return own
      const { centre, askedAs, placeId, homeSlice } = targetOfPlace(found, structure)
      return { ...own, label: found.place.name ?? own.label, centre, askedAs, placeId, homeSlice }
    }),
    ...placed.filter(isApart).map(({ found, on }) => targetOfPlace(found, on)),
  ]
}

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
