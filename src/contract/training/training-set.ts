import { z } from 'zod'
import { PixelSpacing } from '../geometry'
import { Instant } from '../http/annotation'
import { ModelModality } from '../manifest'

export const Sha256 = z.string().regex(/^[0-9a-f]{64}$/)

/** A file of a set or of a job, by its name within the folder: no path leads out of it. */
export const FileName = z
  .string()
  .max(200)
  .regex(/^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*(\/[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*)*$/)

/** Numbers without a header, little-endian, row by row; their shape stands in the case. */
export const RawFile = z.strictObject({ file: FileName, sha256: Sha256 })
export type RawFile = z.infer<typeof RawFile>

/** Which package something was made for or is compared with. `sha256`: of its manifest, as in every run's record. */
export const ModelName = z.strictObject({ id: z.string().min(1), version: z.string(), sha256: Sha256 })
export type ModelName = z.infer<typeof ModelName>

/** A patient once held out stays held out; `fold` (0 to 4) divides the others, for refits over patients. */
export const SetPatient = z.discriminatedUnion('part', [
  z.strictObject({ patientId: z.string().min(1), part: z.literal('heldOut') }),
  z.strictObject({
    patientId: z.string().min(1),
    part: z.literal('train'),
    fold: z.number().int().min(0).max(4),
  }),
])
export type SetPatient = z.infer<typeof SetPatient>

/** One rater's answer for one crop, of one revision of one attempt. `mask`: uint8 [H, W], 0 or 1. */
export const SetReading = z.strictObject({
  /** The rater's pseudonym. */
  rater: z.string().min(1),
  /** The attempt, or the imported reading, that it is of. */
  attemptId: z.string().min(1),
  revision: z.number().int().nonnegative(),
  mask: RawFile,
  /** Pixels that are 1; 0: the reader looked and marked nothing here. */
  markedPx: z.number().int().nonnegative(),
})
export type SetReading = z.infer<typeof SetReading>

/**
 * One crop as the network reads it. `input`: float32 [C, H, W], intensities mapped exactly as for a run. Width and
 * height are multiples of what the network asks for; `contentPx` is what of them is image and no padding.
 */
export const SetCase = z.strictObject({
  caseId: z.string().regex(/^[a-z0-9-]+$/),
  patientId: z.string().min(1),
  /** sha256 over the pixels of the slice or photograph that it is cut from. */
  imageSha256: Sha256,
  /** Where it came from, for the eye: series and slice, or the picture's name. */
  words: z.string(),
  spacingMm: PixelSpacing.nullable(),
  channels: z.union([z.literal(1), z.literal(3)]),
  heightPx: z.number().int().positive(),
  widthPx: z.number().int().positive(),
  contentPx: z.strictObject({ height: z.number().int().positive(), width: z.number().int().positive() }),
  input: RawFile,
  /** uint8 [H, W], 1 inside; null: everything counts. */
  fieldOfView: RawFile.nullable(),
  readings: z.array(SetReading).min(1),
})
export type SetCase = z.infer<typeof SetCase>

/** What a set was chosen by; an empty list: not asked. */
export const SetFilter = z.strictObject({
  raters: z.array(z.string()),
  panels: z.array(z.string()),
  structures: z.array(z.string()),
  status: z.enum(['committed', 'any']),
  from: Instant.nullable(),
  to: Instant.nullable(),
  /** Leaves out what was drawn after the model had been shown. */
  withoutModelShown: z.boolean().optional(),
})
export type SetFilter = z.infer<typeof SetFilter>

/** `set.json` in the folder of a set, beside its raw files: frozen when made, changed never. */
export const TrainingSet = z.strictObject({
  formatVersion: z.literal(1),
  setId: z.string().regex(/^[a-z0-9-]+$/),
  name: z.string().min(1).max(120),
  madeAt: Instant,
  modality: ModelModality,
  structure: z.string().min(1),
  /** `one`: no crop has a second reader, so the set says nothing of how readers differ. */
  readers: z.enum(['one', 'many']),
  /** The package whose crops and intensities these are. */
  parent: ModelName,
  filter: SetFilter,
  patients: z.array(SetPatient).min(1),
  cases: z.array(SetCase).min(1),
})
export type TrainingSet = z.infer<typeof TrainingSet>
