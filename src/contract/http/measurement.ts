import { z } from 'zod'
import { SlicePlace } from '../geometry'
import { cleanLabel } from '../kept-text'
import { Instant, Subject } from './annotation'

/** What is laid on a slice: how many points it has follows from it. */
export const MeasurementShape = z.enum(['ruler', 'diameters', 'angle', 'ellipse', 'rectangle', 'polygon'])
export type MeasurementShape = z.infer<typeof MeasurementShape>

/**
 * Points of each shape: the ends of a ruler; of two diameters both ends of the long one, then of the short one; end,
 * corner and end of an angle; two opposite corners of a rectangle, and of the box about an ellipse; corners of a polygon.
 */
export const POINTS_OF: { readonly [shape in MeasurementShape]: readonly [least: number, most: number] } = {
  ruler: [2, 2],
  diameters: [4, 4],
  angle: [3, 3],
  ellipse: [2, 2],
  rectangle: [2, 2],
  polygon: [3, 1000],
}

/** An image point: the centre of the first pixel is (0, 0). */
const MeasuredPoint = z.strictObject({ column: z.number(), row: z.number() })

/** One measurement, as it stands. Its figures are not kept: they follow from its points, the spacing and the pixels. */
export const Measurement = z
  .strictObject({
    measurementId: z.uuid(),
    name: z
      .string()
      .min(1)
      .max(80)
      .refine((name) => cleanLabel(name) === name, 'The name holds what cannot be kept: type it again.'),
    shape: MeasurementShape,
    /** The slice that it lies on; of a photograph number 0. */
    place: SlicePlace,
    points: z.array(MeasuredPoint).min(2).max(1000).readonly(),
  })
  .refine(({ shape, points }) => {
    const [least, most] = POINTS_OF[shape]
    return points.length >= least && points.length <= most
  }, 'The points are not those of the shape.')
export type Measurement = z.infer<typeof Measurement>

/**
 * One step in the journal of a rater's measurements of a subject: what one of them is from then on; null: it is gone.
 * `undoes`: the number of the step that it takes back. Nothing is ever overwritten.
 */
export const MeasurementEntry = z.strictObject({
  entryId: z.uuid(),
  number: z.number().int().positive(),
  at: Instant,
  measurementId: z.uuid(),
  state: Measurement.nullable(),
  undoes: z.number().int().positive().nullable(),
})
export type MeasurementEntry = z.infer<typeof MeasurementEntry>

/** `POST /api/measurements`: the same entry again gives what stands. Answer: the entry. */
export const NewMeasurementEntry = MeasurementEntry.omit({ number: true, at: true })
  .extend({ subject: Subject })
  .refine(({ state, measurementId }) => state === null || state.measurementId === measurementId)
export type NewMeasurementEntry = z.infer<typeof NewMeasurementEntry>

/** `GET /api/measurements?seriesUid=` (or `imageId=`): the own journal of who asks, and nobody else's. */
export const MeasurementJournal = z.strictObject({ entries: z.array(MeasurementEntry) })
export type MeasurementJournal = z.infer<typeof MeasurementJournal>
