import type { Measurement, Result } from '../../contract'
import type { ExportSource } from '../../core/exchange/derived-object'
import { writeCsv } from '../../core/exchange/bundle/evidence-bundle'
import type { MeasuredOut } from '../../core/exchange/measured/measurement-groups'
import { measurementsReport } from '../../core/exchange/measured/measurements-report'
import { writeZip } from '../../core/files/zip-file'
import type { MeasurementFigures } from '../../core/measurement/figures'

/** One measurement with what it says, and where it lies now. */
export interface Measured {
  readonly measurement: Measurement
  readonly figures: MeasurementFigures
  /** Index of the slice (from 0), and its number as people count. */
  readonly slice: number
  readonly number: number
}

/** An export of measurements; only data, so that it can go to another thread. */
export interface MeasurementsJob {
  readonly kind: 'measurements'
  readonly measured: readonly Measured[]
  readonly report: {
    readonly raterId: string
    readonly pseudonym: string
    readonly source: ExportSource
    readonly seriesNumber: number
    readonly softwareVersion: string
  } | null
}

export function measurementsZip({ measured, report }: MeasurementsJob): Result<Uint8Array> {
  const csv = { path: 'measurements.csv', bytes: new TextEncoder().encode(tableOf(measured)) }
  if (report === null) return writeZip([csv])
  const written = reportOf(measured, report)
  return written.ok ? writeZip([csv, { path: 'measurements.dcm', bytes: written.value }]) : written
}

function tableOf(measured: readonly Measured[]): string {
  return writeCsv(
    measured.map(({ measurement, figures, number }) => {
      const { unit, length, diameters, angleDegrees, area, values } = figures
      return {
        ...{ name: measurement.name, shape: measurement.shape, slice: number },
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

function reportOf(
  measured: readonly Measured[],
  { raterId, pseudonym, source, seriesNumber, softwareVersion }: NonNullable<MeasurementsJob['report']>,
): Result<Uint8Array> {
  const out = measured.flatMap(({ measurement, figures, slice }): MeasuredOut[] => {
    const of = source.slices.get(slice)
    return of === undefined ? [] : [{ measurement, figures, slice: of }]
  })
  const key = JSON.stringify([raterId, out.map(({ measurement }) => measurement)])
  return measurementsReport(out, pseudonym, source, { key, seriesNumber, softwareVersion })
}
