/** `report.json`: what a command's runs say, without times and dates, so that the same command gives the same bytes. */
import type {
  InferReport,
  LesionReport,
  PrintedLesion,
  PrintedSizes,
  Reading,
  ReportedImage,
  Sizes,
} from '../../contract'
import type { FoundSlice } from '../../core/lesion/lesion-report'
import { type CountedStack, sliceNumber } from '../../core/geometry/slice-number'
import { researchUse } from '../version'
import type { CollectedRun } from './collect-run'
import { printedSizes } from './printed-sizes'

/** A lesion or the vessels of a photograph, with its runs in the order of slices. */
export interface ReportedTarget {
  readonly id: string
  readonly label: string
  readonly runs: readonly CollectedRun[]
  readonly readings: readonly Reading[]
  /** Where the whole lesion was asked for: as it is printed, and all that was found. */
  readonly lesion?: PrintedLesion
  readonly whole?: WholeLesion
}

/** A lesion that was followed through its slices. */
export interface WholeLesion {
  readonly report: LesionReport
  /** Its own slices, by ascending index. */
  readonly slices: readonly FoundSlice[]
}

type PrintedTarget = InferReport['targets'][number]

const SIZE_NAMES = [
  'areaMm2',
  'equivalentDiameterMm',
  'longestDiameterMm',
  'areaPx',
  'equivalentDiameterPx',
  'longestDiameterPx',
  'shareOfField',
] as const satisfies readonly (keyof Sizes)[]

/** Of the vessels of a photograph, which are a tree: a diameter of them says nothing. */
const SHARE_NAMES = ['areaPx', 'shareOfField'] as const satisfies readonly (keyof Sizes)[]

/** Those that mean something of what is drawn: as the page, the tables and the report do. */
const printed = (sizes: Sizes, stack: CountedStack | null): PrintedSizes =>
  printedSizes(stack === null ? SHARE_NAMES : SIZE_NAMES, sizes)

/** A slice as people count it; null of a photograph. */
const numberOf = (stack: CountedStack | null, index: number | null): number | null =>
  stack === null || index === null ? null : sliceNumber(stack, index)

function printedSlice({ report }: CollectedRun, stack: CountedStack | null): PrintedTarget['slices'][number] {
  const { agreement } = report
  const low95 = agreement?.gedLow95 ?? null
  const high95 = agreement?.gedHigh95 ?? null
  return {
    sopInstanceUid: report.sopInstanceUid,
    sliceIndex: report.sliceIndex,
    sliceNumber: numberOf(stack, report.sliceIndex),
    grid: report.grid,
    pixelSpacingMm: report.pixelSpacingMm,
    sampleCount: report.sampleCount,
    emptyCount: report.emptyCount,
    drawnCount: report.drawnCount,
    drawnShare: report.drawnShare,
    mostDrawNothing: report.mostDrawNothing,
    placeCount: report.placeCount,
    warnings: report.warnings,
    sizes: printed(report.sizes, stack),
    ...(report.calibration === undefined ? {} : { calibration: report.calibration }),
    ...(report.outliers === undefined ? {} : { outliers: report.outliers }),
    ged: agreement?.ged ?? null,
    gedInterval95: low95 === null || high95 === null ? null : [low95, high95],
    dice: (agreement?.readers ?? []).map(({ readingId, dice }) => ({ readingId, ...dice })),
  }
}

/** Median area of a slice in its own unit; below every other where all samples are empty. */
const medianArea = ({ report: { sizes } }: CollectedRun): number =>
  sizes.areaMm2?.median ?? sizes.areaPx?.median ?? -1

function largest(runs: readonly CollectedRun[]): CollectedRun | null {
  return runs.reduce<CollectedRun | null>(
    (best, run) => (best === null || medianArea(run) > medianArea(best) ? run : best),
    null,
  )
}

function printedTarget(
  { id, label, runs, readings, lesion }: ReportedTarget,
  stack: CountedStack | null,
): PrintedTarget {
  const widest = largest(runs)
  return {
    id,
    label,
    slices: runs.map((run) => printedSlice(run, stack)),
    sizes: widest === null ? {} : printed(widest.report.sizes, stack),
    sizesSliceIndex: widest?.report.sliceIndex ?? null,
    sizesSliceNumber: numberOf(stack, widest?.report.sliceIndex ?? null),
    ...(lesion === undefined ? {} : { lesion }),
    readings: readings.map(({ readingId, voxels, empty }) => ({ id: readingId, voxels, empty })),
  }
}

/**
 * The command with what was drawn: how, since the rule may change, and how many, since a model without uncertainty
 * draws one outline, whatever was asked for.
 */
export function commandAsRun(
  command: string,
  { samples, draws, uncertainty }: Pick<CollectedRun['run'], 'samples' | 'draws' | 'uncertainty'>,
): string {
  const how = uncertainty === 'none' ? '' : ` --draws ${draws}`
  return command.replace(/ --samples \d+( --seed \d+)$/, ` --samples ${samples}$1${how}`)
}

/**
 * The report of a command. `files` are paths relative to the folder of the report; `stack` is null for a photograph;
 * `image`: which image it is of, null where nothing is open any more.
 */
export function inferReport(
  targets: readonly ReportedTarget[],
  command: string | null,
  files: readonly string[],
  stack: CountedStack | null,
  image: ReportedImage | null,
): InferReport | null {
  const first = targets.flatMap((target) => target.runs)[0]
  if (first === undefined) return null
  const { model, modelVersion, modelSha256, device, uncertainty, samples, seed, draws, version } = first.run
  const line = command === null ? null : commandAsRun(command, first.run)
  const drawn = { uncertainty, samples, seed, draws }
  const run = { model, modelVersion, modelSha256, device, ...drawn, version, command: line }
  return {
    run,
    ...(image === null ? {} : { image }),
    targets: targets.map((target) => printedTarget(target, stack)),
    files: [...files],
    researchUse,
  }
}
