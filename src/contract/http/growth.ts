import { z } from 'zod'
import { Uid } from '../geometry'
import { LesionRequest } from './lesion'

/** Over pairs of samples: median and where the middle 95 % lie; below 50 pairs the whole range. */
const PairSpread = z.strictObject({
  median: z.number(),
  low95: z.number(),
  high95: z.number(),
  interval: z.enum(['central-95', 'range']),
})

/** Days until the volume has doubled; below 0: it halves in so many; null: it does not change. */
const DoublingDays = z.strictObject({
  median: z.number().nullable(),
  fastest: z.number().nullable(),
  slowest: z.number().nullable(),
})

/** Growth of one lesion between two dates. Command line: `margin growth`. */
export const GrowthFigures = z.strictObject({
  days: z.number().int().positive(),
  /** Pairs of samples that both draw the lesion. */
  pairs: z.number().int().positive(),
  /** Later volume less earlier one, as a share of the earlier one. */
  volumeChange: PairSpread,
  meanDiameterChangeMm: PairSpread.nullable(),
  doublingDays: DoublingDays,
  /** Share of pairs whose later volume is larger, and larger by more than scans of one day differ. */
  growingShare: z.number().min(0).max(1),
  beyondRescanShare: z.number().min(0).max(1),
  words: z.array(z.string()),
})
export type GrowthFigures = z.infer<typeof GrowthFigures>

/** `POST /api/runs/growth`: two lesions that were followed for who asks, in two series of one patient. Answer: LesionGrowth. */
export const GrowthRequest = z.strictObject({ lesions: z.tuple([LesionRequest, LesionRequest]) })
export type GrowthRequest = z.infer<typeof GrowthRequest>

/** A date as the headers state it (YYYYMMDD). */
const Scan = z.strictObject({ seriesUid: Uid, studyDate: z.string() })

export const LesionGrowth = GrowthFigures.extend({
  earlier: Scan,
  later: Scan,
  /** The lines that give the same figures; null: one of both was sent by the browser or made here. */
  command: z.string().nullable(),
})
export type LesionGrowth = z.infer<typeof LesionGrowth>
