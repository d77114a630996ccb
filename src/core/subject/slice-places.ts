/**
 * Where a slice stands. Its number is that of the series as it is open, for the eye and for arrays; what it is found
 * again by is its instance and frame, which go with it wherever it leaves a process or is kept. A photograph is its
 * only slice, number 0, known by the image itself.
 */
import { accept, refuse, type Result, type Slice, type SliceInstance, type SlicePlace } from '../../contract'

/** One word for a slice, for maps. */
export const instanceKey = ({ sopInstanceUid, frame }: SliceInstance): string => `${sopInstanceUid}#${frame}`

/** The instance of a number, to be spread beside it; nothing for a photograph (null), and where there is no such slice. */
export function instanceAt(
  slices: readonly SliceInstance[] | null,
  sliceIndex: number,
): { readonly instance?: SliceInstance } {
  const slice = slices?.[sliceIndex]
  return slice === undefined ? {} : { instance: { sopInstanceUid: slice.sopInstanceUid, frame: slice.frame } }
}

/** A place as it leaves: with its instance, whatever it had. */
export const namedPlace = <Place extends SlicePlace>(
  place: Place,
  slices: readonly SliceInstance[] | null,
): Place => ({ ...place, ...instanceAt(slices, place.sliceIndex) })

/**
 * The number of a place in the series as it is open now; null where its slice is not there. Places of older records have
 * no instance and keep their number, as all do where the series is not open (null).
 */
export function numberNow(slices: readonly SliceInstance[] | null): (place: SlicePlace) => number | null {
  const numbers = new Map(slices?.map((slice, index) => [instanceKey(slice), index]))
  return ({ sliceIndex, instance }) =>
    slices === null || instance === undefined ? sliceIndex : (numbers.get(instanceKey(instance)) ?? null)
}

/** Refused, in words for the reader: places on slices that the series does not have as it is open now. */
export const notAmongSlices = (lost: number, what: string): Result<never> =>
  refuse(
    'annotation-mismatch',
    `${what} was drawn on ${lost} slice${lost === 1 ? '' : 's'} that the series does not have now.`,
    { next: 'Open the series with all the slices that it was drawn on.' },
  )

/** The number of one place now. Refused where its slice is not there. */
export function placeNow(place: SlicePlace, slices: readonly Slice[]): Result<number> {
  const now = numberNow(slices)(place)
  if (now !== null) return accept(now)
  return refuse('not-found', 'The series does not have the slice that is meant.', {
    next: 'Open the series again: its slices have changed since this page opened it.',
  })
}

/**
 * What came from the program, where its numbers are those of the slices that are open here. Refused where they are not:
 * the series was read anew since, and outlines would lie on other slices than they were drawn on.
 */
export function onOpenSlices<T>(
  told: T,
  places: readonly SlicePlace[],
  slices: readonly SliceInstance[] | null,
): Result<T> {
  const now = numberNow(slices)
  if (places.every((place) => now(place) === place.sliceIndex)) return accept(told)
  return refuse('annotation-mismatch', 'The series has other slices now than when this page opened it.', {
    next: 'Reload the page.',
  })
}
