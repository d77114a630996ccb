import { z } from 'zod'
import { Instant } from './annotation'
import { RunRequest, SliceReport } from './inference'
import { LesionReport } from './lesion'

const OfSlice = SliceReport.pick({ sampleCount: true, drawnCount: true, mostDrawNothing: true, sizes: true })
const OfLesion = LesionReport.pick({
  ...{ sampleCount: true, drawnCount: true, mostDrawNothing: true, sizes: true, ends: true },
})

/** What a list says of a run without its samples: `values` of all sizes are empty. */
export const KeptFigures = z.strictObject({ slice: OfSlice.nullable(), lesion: OfLesion.nullable() })
export type KeptFigures = z.infer<typeof KeptFigures>

/** A run that was drawn for the rater who asks, and lies in the workspace: asked for again, it is there at once. */
export const KeptRun = z.strictObject({
  request: RunRequest,
  at: Instant,
  figures: KeptFigures,
  /** Why it would be drawn anew: what differs from then, by name; null: nothing does. */
  stale: z.string().nullable(),
})
export type KeptRun = z.infer<typeof KeptRun>

/** `GET /api/runs/kept?seriesUid=`: oldest first. */
export const KeptRunList = z.strictObject({ runs: z.array(KeptRun) })
export type KeptRunList = z.infer<typeof KeptRunList>
