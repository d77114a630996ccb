import { accept, refuse } from '../../contract'
import type { Rater, Result, Subject } from '../../contract'
import { countedStack, sliceNumber } from '../../core/geometry/slice-number'
import { bodyValues } from '../../core/image/display'
import { figuresInSteps, sliceValues, type SliceValues } from '../../core/measurement/figures'
import { measuredSteps } from '../../core/measurement/journal'
import { numberNow } from '../../core/subject/slice-places'
import { inSlices } from '../readings/in-slices'
import type { Measurements } from '../readings/measurements'
import type { ExportedFile } from './exported-file'
import { type ExchangeParts, SERIES_NUMBER } from './export-readings'
import { sourceOf, targetOf } from './image-of-subject'
import type { Measured, MeasurementsJob } from './measurements-zip'
import { writeExport } from './write-files'

/** Two series of a study may have reports of one number; those of readings have theirs. */
const REPORT_SERIES_NUMBER = SERIES_NUMBER + 50

/**
 * What a rater measured, in a ZIP: a table for any program, and of a series a DICOM report (TID 1500). Own measurements
 * alone, under the rule that they are shown by; the act stands in the audit log.
 */
export async function exportMeasurements(
  parts: ExchangeParts & { readonly measurements: Pick<Measurements, 'own'> },
  rater: Rater,
  subject: Subject,
): Promise<Result<ExportedFile>> {
  const journal = await parts.measurements.own(rater, subject)
  if (!journal.ok) return journal
  const found = await parts.subjects.find(subject)
  if (!found.ok) return found
  const { key, detail, pixelSpacingMm } = found.value
  const numbers = numberNow(detail?.slices ?? null)
  const numberOf = (slice: number): number => (detail === null ? 1 : sliceNumber(countedStack(detail), slice))
  const measured: Measured[] = []
  for (const measurement of measuredSteps.standing(journal.value.entries)) {
    const slice = numbers(measurement.place)
    if (slice === null) continue
    const values = await valuesOf(parts, subject, slice)
    if (!values.ok) return values
    const figures = await inSlices(figuresInSteps(measurement, pixelSpacingMm, values.value))
    measured.push({ measurement, slice, number: numberOf(slice), figures })
  }
  if (measured.length === 0) return refuse('request-invalid', 'Nothing was measured on what is open here.')
  const about = { format: 'measurements', subject: key, measurements: measured.length }
  const noted = await parts.store.audit({ raterId: rater.raterId, act: 'handed-out', about })
  if (!noted.ok) return noted
  const report = await reportOf(parts, rater, subject, measured)
  if (!report.ok) return report
  const job: MeasurementsJob = { kind: 'measurements', measured, report: report.value }
  const bytes = await writeExport(parts.writeWorkerPath, job)
  return bytes.ok ? accept({ name: 'margin-measurements.zip', bytes: bytes.value }) : bytes
}

async function valuesOf(
  { library }: ExchangeParts,
  subject: Subject,
  slice: number,
): Promise<Result<SliceValues | null>> {
  if (subject.kind === 'image') return accept(null)
  const pixels = await library.slicePixels(subject.seriesUid, slice)
  if (!pixels.ok) return pixels
  const { description, bytes } = pixels.value
  return accept(description.type === 'rgb8' ? null : sliceValues(description, bodyValues(description, bytes)))
}

/** What the DICOM report is written from; null: a photograph has none. */
async function reportOf(
  parts: ExchangeParts,
  { raterId, pseudonym }: Rater,
  subject: Subject,
  measured: readonly Measured[],
): Promise<Result<MeasurementsJob['report']>> {
  if (subject.kind === 'image') return accept(null)
  const target = targetOf(parts.library, subject)
  if (!target.ok) return target
  const source = await sourceOf(
    parts.library,
    subject,
    target.value,
    new Set(measured.map(({ slice }) => slice)),
  )
  if (!source.ok) return source
  const stamp = { seriesNumber: REPORT_SERIES_NUMBER, softwareVersion: parts.version }
  return accept({ raterId, pseudonym, source: source.value, ...stamp })
}
