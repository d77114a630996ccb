import type { Calibration, Draws, Manifest, SizeDistribution, Sizes, SliceReport } from '../../contract'
import { besideTheClick } from '../words/size-rows'
import { calibratedSizes } from './calibrated-interval'
import { sizeDistribution } from './intervals'

/** Why a manifest's table cannot be the package's; empty when it can. */
export function faultOfCalibration({
  formatVersion,
  calibration,
  ...manifest
}: Pick<
  Manifest,
  'formatVersion' | 'calibration' | 'modality' | 'bodyPart' | 'structure' | 'scope' | 'input'
>): string {
  if (calibration === undefined) return ''
  if (formatVersion === 1) return 'format version 1 has none'
  const { scope } = calibration
  const [low, high] = scope.spacingMm ?? [null, null]
  const isOwn =
    scope.modality === manifest.modality &&
    scope.bodyPart === manifest.bodyPart &&
    scope.structure === manifest.structure &&
    scope.sizePx === manifest.input.sizePx &&
    low === (manifest.scope.spacingMm?.[0] ?? null) &&
    high === (manifest.scope.spacingMm?.[1] ?? null)
  return isOwn ? '' : 'its scope is not that of the package'
}

/**
 * Sizes of the nodules that readers of LIDC-IDRI outlined, on which the tables were fitted: 3 to 30 mm (Armato et al.,
 * Medical Physics 2011;38:915).
 */
const NODULES_MM = [3, 30] as const

/** A run's report and how its samples were drawn. */
interface JudgedRun {
  readonly table: Calibration
  readonly draws: Draws
  readonly report: SliceReport
}

/** Why the table says nothing of a run; null where it does. Short enough to stand after "not calibrated here: ". */
function outsideCalibration({ table, draws, report }: JudgedRun): string | null {
  const { samples, leastDrawn, scope } = table
  if (draws !== table.draws || report.sampleCount !== samples) return `it is for ${samples} even samples`
  if (scope.modality === 'CT') {
    const spacing = report.pixelSpacingMm
    if (spacing === null) return 'the distance between pixels is unknown'
    const [low, high] = scope.spacingMm ?? [0, Infinity]
    if ([spacing.row, spacing.column].some((mm) => mm < low || mm > high)) {
      return `it is for pixels ${low} to ${high} mm apart`
    }
  }
  if (report.drawnCount < leastDrawn) return `it is for places where ${leastDrawn} samples draw something`
  if (besideTheClick(report) !== null) return 'most outlines lie beside the place that was clicked'
  if (report.warnings.some(({ code }) => code === 'samples-cut-by-crop')) {
    return 'outlines reach the edge of the crop'
  }
  const diameterMm = report.sizes.equivalentDiameterMm?.median ?? null
  if (diameterMm !== null && (diameterMm < NODULES_MM[0] || diameterMm > NODULES_MM[1]))
    return `it is for nodules of ${NODULES_MM[0]} to ${NODULES_MM[1]} mm`
  return null
}

/** The report with intervals that cover further readers where the package's table holds, and with the reason where not. */
export function withCalibration(
  report: SliceReport,
  { calibration: table }: Pick<Manifest, 'calibration'>,
  draws: Draws,
): SliceReport {
  if (table === undefined) return notCalibrated(report, 'the model brings no table for it')
  const reason = outsideCalibration({ table, draws, report })
  if (reason !== null) return notCalibrated(report, reason)
  const { patients } = table.fitted
  const sizes = calibratedSizes(report.sizes, table)
  return { ...report, sizes, calibration: { kind: 'calibrated', patients } }
}

/** The report with the samples' own intervals, and why they are not calibrated. */
export function notCalibrated(report: SliceReport, reason: string): SliceReport {
  const entries = Object.entries(report.sizes) as [keyof Sizes, SizeDistribution][]
  const own = entries.map(([key, size]) => [
    key,
    size.interval === 'calibrated-95' ? sizeDistribution(size.values) : size,
  ])
  return {
    ...report,
    sizes: Object.fromEntries(own) as Sizes,
    calibration: { kind: 'not-calibrated', reason },
  }
}
