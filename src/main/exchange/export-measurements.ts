import { accept, type Measurement, refuse } from '../../contract'
import type { Rater, Result, Subject } from '../../contract'
import { writeCsv } from '../../core/exchange/bundle/evidence-bundle'
import { measurementsReport } from '../../core/exchange/measured/measurements-report'
import type { MeasuredOut } from '../../core/exchange/measured/measurement-groups'
import { writeZip } from '../../core/files/zip-file'
import { countedStack, sliceNumber } from '../../core/geometry/slice-number'
import { bodyValues } from '../../core/image/display'
import { figuresOf, type MeasurementFigures, type SliceValues } from '../../core/measurement/figures'
import { standing } from '../../core/measurement/journal'
import { numberNow } from '../../core/subject/slice-places'
import type { Measurements } from '../readings/measurements'
import type { ExportedFile } from './exported-file'
import { type ExchangeParts, SERIES_NUMBER } from './export-readings'
import { sourceOf, targetOf } from './image-of-subject'

/** One measurement with what it says, and where it lies now. */
interface Measured {
  readonly measurement: Measurement
  readonly figures: MeasurementFigures
  readonly slice: number
}

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
  const measured: Measured[] = []
  for (const measurement of standing(journal.value.entries)) {
    const slice = numbers(measurement.place)
    if (slice === null) continue
    const values = await valuesOf(parts, subject, slice)
    if (!values.ok) return values
    measured.push({ measurement, slice, figures: figuresOf(measurement, pixelSpacingMm, values.value) })
  }
  if (measured.length === 0) return refuse('request-invalid', 'Nothing was measured on what is open here.')
  const about = { format: 'measurements', subject: key, measurements: measured.length }
  const noted = await parts.store.audit({ raterId: rater.raterId, act: 'handed-out', about })
  if (!noted.ok) return noted
  const numberOf = (slice: number): number => (detail === null ? 1 : sliceNumber(countedStack(detail), slice))
  const csv = { path: 'measurements.csv', bytes: new TextEncoder().encode(tableOf(measured, numberOf)) }
  if (subject.kind === 'image') return zipped([csv])
  const report = await reportOf(parts, rater, subject, measured)
  return report.ok ? zipped([csv, { path: 'measurements.dcm', bytes: report.value }]) : report
}

function zipped(files: Parameters<typeof writeZip>[0]): Result<ExportedFile> {
  const bytes = writeZip(files)
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
  const { widthPx, heightPx, slope, intercept, unit, type } = description
  if (type === 'rgb8') return accept(null)
  const stored = bodyValues(description, bytes)
  return accept({ widthPx, heightPx, unit, at: (index) => (stored[index] ?? 0) * slope + intercept })
}

function tableOf(measured: readonly Measured[], numberOf: (slice: number) => number): string {
  return writeCsv(
    measured.map(({ measurement, figures, slice }) => {
      const { unit, length, diameters, angleDegrees, area, values } = figures
      return {
        ...{ name: measurement.name, shape: measurement.shape, slice: numberOf(slice) },
        ...{ sopInstanceUid: measurement.place.instance?.sopInstanceUid ?? null, unit, length },
        ...{ longAxis: diameters?.long ?? null, shortAxis: diameters?.short ?? null },
        ...{ meanDiameter: diameters?.mean ?? null, angleDegrees, area },
        ...{ mean: values?.mean ?? null, sd: values?.deviation ?? null },
        ...{ least: values?.least ?? null, most: values?.most ?? null },
        ...{ pixels: values?.count ?? null, valueUnit: values?.unit ?? null },
      }
    }),
  )
}

async function reportOf(
  parts: ExchangeParts,
  rater: Rater,
  subject: Subject,
  measured: readonly Measured[],
): Promise<Result<Uint8Array>> {
  const target = targetOf(parts.library, subject)
  if (!target.ok) return target
  const source = await sourceOf(
    parts.library,
    subject,
    target.value,
    new Set(measured.map(({ slice }) => slice)),
  )
  if (!source.ok) return source
  const { slices } = source.value
  const out = measured.flatMap(({ measurement, figures, slice }): MeasuredOut[] => {
    const of = slices.get(slice)
    return of === undefined ? [] : [{ measurement, figures, slice: of }]
  })
  const key = JSON.stringify([rater.raterId, out.map(({ measurement }) => measurement)])
  const stamp = { key, seriesNumber: REPORT_SERIES_NUMBER, softwareVersion: parts.version }
  return measurementsReport(out, rater.pseudonym, source.value, stamp)
}
