import type { ClickedPlace, PlaceEntry } from '../../contract'
import { stepRules } from './step-journal'

export const placeSteps = stepRules<ClickedPlace, PlaceEntry>(({ placeId }) => placeId)

/** The number of the next place: above those of all that stand. */
export const nextNumber = (places: readonly ClickedPlace[]): number =>
  1 + Math.max(0, ...places.map(({ number }) => number))

/** As a list calls it. */
export const nameOfPlace = ({ name, number }: ClickedPlace): string => name ?? `Place ${number}`
