import { z } from 'zod'
import { SlicePlace } from '../geometry'
import { cleanLabel } from '../kept-text'
import { Instant, Subject } from './annotation'

/** One place that was clicked, as it stands. What was drawn there is found by where it lies, and is no part of it. */
export const ClickedPlace = z.strictObject({
  placeId: z.uuid(),
  /** As its person calls it; null: by its number. */
  name: z
    .string()
    .min(1)
    .max(80)
    .refine((name) => cleanLabel(name) === name, 'The name holds what cannot be kept: type it again.')
    .nullable(),
  /** No two places that stand have the same, as one person gives them. */
  number: z.number().int().positive(),
  place: SlicePlace,
  /** An image point: the centre of the first pixel is (0, 0). */
  point: z.strictObject({ column: z.number(), row: z.number() }),
})
export type ClickedPlace = z.infer<typeof ClickedPlace>

/**
 * One step in the journal of a rater's places in a subject: what one of them is from then on; null: it is gone.
 * `undoes`: the number of the step that it takes back. Nothing is ever overwritten.
 */
export const PlaceEntry = z.strictObject({
  entryId: z.uuid(),
  number: z.number().int().positive(),
  at: Instant,
  placeId: z.uuid(),
  state: ClickedPlace.nullable(),
  undoes: z.number().int().positive().nullable(),
})
export type PlaceEntry = z.infer<typeof PlaceEntry>

/** `POST /api/places`: the same entry again gives what stands. Answer: the entry. */
export const NewPlaceEntry = PlaceEntry.omit({ number: true, at: true })
  .extend({ subject: Subject })
  .refine(({ state, placeId }) => state === null || state.placeId === placeId)
export type NewPlaceEntry = z.infer<typeof NewPlaceEntry>

/** `GET /api/places?seriesUid=`: the own journal of who asks, and nobody else's. */
export const PlaceJournal = z.strictObject({ entries: z.array(PlaceEntry) })
export type PlaceJournal = z.infer<typeof PlaceJournal>
