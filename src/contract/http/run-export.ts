import { z } from 'zod'
import { NoduleKind } from '../report'
import { RunRequest } from './inference'

/** Objects of the field that a run goes out as; `seg`: the median sample and the borders of both bands. */
export const RunObjectFormat = z.enum([
  'seg',
  'seg-samples',
  'seg-share',
  'variance',
  'sr',
  'rtstruct',
  'nifti',
])
export type RunObjectFormat = z.infer<typeof RunObjectFormat>

/** Everything that a run goes out as: the one-page report, figures, tables, and the objects of the field. */
export const RunExportFormat = z.enum(['pdf', 'png', 'svg', 'csv', 'json', ...RunObjectFormat.options])
export type RunExportFormat = z.infer<typeof RunExportFormat>

/**
 * `POST /api/runs/export`: the run is drawn again from its seed, so that what goes out is what `margin infer --export`
 * writes. Answer: a ZIP (`application/zip`) of files that were read back and found equal; whole or refused.
 */
export const RunExportRequest = z.strictObject({
  run: RunRequest,
  /** Follows the lesion from the run's place through its slices. */
  wholeLesion: z.boolean(),
  /** What the nodule is made of, where a person said it. */
  noduleKind: NoduleKind.nullable(),
  formats: z
    .array(RunExportFormat)
    .min(1)
    .refine((formats) => new Set(formats).size === formats.length, 'a format stands there twice'),
  /**
   * Name, number and dates of the patient on figures and report; DICOM objects carry them as their source does. Of a
   * photograph: the name of its file, which may be a patient's, in all that goes out.
   */
  patientFields: z.boolean(),
})
export type RunExportRequest = z.infer<typeof RunExportRequest>
