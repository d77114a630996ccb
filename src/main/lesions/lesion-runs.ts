import { accept, refuse } from '../../contract'
import type {
  FollowEnd,
  Grid,
  LesionLine,
  LesionReport,
  LesionRequest,
  LesionSliceNote,
  Result,
  RunRequest,
  SeriesDetail,
  Structure,
} from '../../contract'
import type { ImagePoint } from '../../core/geometry/image-point'
import { countPixels } from '../../core/image/mask'
import { findLesion, follow, type Course, type LesionFinding } from '../../core/lesion/follow'
import { lesionReportSteps, readersOfLesion, type FoundSlice } from '../../core/lesion/lesion-report'
import { placesOf, type SeriesPlaces } from '../../core/lesion/series-places'
import { structureAt } from '../../core/measures/readers-of-run'
import { namedPlace, placeNow } from '../../core/subject/slice-places'
import { subjectOfTarget } from '../../core/subject/subject'
import { type CollectedSamples, createRunCollector } from '../inference/run-collector'
import { inSlices } from '../readings/in-slices'
import type { RunService } from '../inference/run-service'
import type { LibraryService, ReadingService } from '../library/library-service'
import { valuesOnGrid } from './values-on-grid'

export interface LesionRuns {
  /**
   * Follows a lesion from the slice that was clicked: that slice first, then one on each side in turn, outwards. Ends
   * with `done` or `refused`. Aborting the signal stops between chunks. Returns the lesion's own slices, by ascending
   * index.
   */
  readonly follow: (
    request: LesionRequest,
    signal: AbortSignal,
  ) => AsyncGenerator<LesionLine, readonly FoundSlice[]>
}

export interface LesionRunsOptions {
  readonly library: LibraryService
  readonly readings: Pick<ReadingService, 'of'>
  readonly runs: RunService
  readonly nowMs: () => number
}

/** More slices to one side than any nodule has: 100 slices of 1 mm are a third of a lung. */
const MOST_SLICES = 100

type Side = 'first' | 'last'
const STEP: Readonly<Record<Side, number>> = { first: -1, last: 1 }

/** What is known while a lesion is followed. */
interface Way {
  readonly request: LesionRequest
  readonly detail: SeriesDetail
  readonly places: SeriesPlaces
  readonly notes: LesionSliceNote[]
  readonly slices: FoundSlice[]
}

export function createLesionRuns(options: LesionRunsOptions): LesionRuns {
  return { follow: (request, signal) => followLesion(options, request, signal) }
}

async function* followLesion(
  options: LesionRunsOptions,
  asked: LesionRequest,
  signal: AbortSignal,
): AsyncGenerator<LesionLine, readonly FoundSlice[]> {
  const startMs = options.nowMs()
  const { seriesUid } = asked.target
  const detail = options.library.seriesDetail(seriesUid)
  if (!detail.ok) {
    yield { kind: 'refused', refusal: detail.refusal }
    return []
  }
  const { slices, orientation, summary } = detail.value
  const found = placeNow(asked.target, slices)
  if (!found.ok) {
    yield { kind: 'refused', refusal: found.refusal }
    return []
  }
  const sliceIndex = found.value
  const request = { ...asked, target: { ...asked.target, sliceIndex } }
  const way: Way = {
    request,
    detail: detail.value,
    places: placesOf(slices, orientation, summary.spacingMm),
    notes: [],
    slices: [],
  }
  const clicked = yield* runSlice(options.runs, way, sliceIndex, request.target, signal)
  if (!clicked.ok) {
    yield { kind: 'refused', refusal: clicked.refusal }
    return []
  }
  const start = findLesion(clicked.value.masks, clicked.value.grid, request.target)
  const ends =
    start === null
      ? { first: 'few-draw' as const, last: 'few-draw' as const }
      : yield* followBothWays(options, way, { ...clicked.value, start }, signal)
  if ('refusal' in ends) {
    yield { kind: 'refused', refusal: ends.refusal }
    return []
  }
  const own = way.slices.toSorted((a, b) => a.sliceIndex - b.sliceIndex)
  const report = await inSlices(
    lesionReportSteps({
      seriesUid,
      place: { sliceIndex, column: request.target.column, row: request.target.row },
      sampleCount: clicked.value.masks.length,
      notes: start === null ? [noteOf(way, sliceIndex, clicked.value, null, false)] : way.notes,
      slices: own,
      ends,
      sliceThicknessMm: detail.value.sliceThicknessMm,
      spacingMm: summary.spacingMm,
      places: way.places,
      structure: structureOf(options, request, clicked.value),
      warnings: warningsOnce(clicked.value),
    }),
  )
  yield { kind: 'done', report, elapsedMs: options.nowMs() - startMs }
  return own
}

const warningsOnce = ({ report }: CollectedSamples): LesionReport['warnings'] =>
  report.warnings.filter(({ code }) => code !== 'samples-cut-by-crop')

const structureOf = (
  { readings }: Pick<LesionRunsOptions, 'readings'>,
  { target }: LesionRequest,
  { grid }: Pick<CollectedSamples, 'grid'>,
): Structure | null => {
  const set = readings.of(subjectOfTarget(target))
  return set === null ? null : (structureAt(set.structures, target, target.structureId, grid) ?? null)
}

/** What readers drew of a lesion that was followed before, by the readings that are open now. */
export const readersOfKeptLesion =
  ({ library, readings }: Pick<LesionRunsOptions, 'library' | 'readings'>) =>
  (request: LesionRequest, report: LesionReport, grid: Grid): LesionReport['readers'] => {
    const detail = library.seriesDetail(request.target.seriesUid)
    if (!detail.ok) return []
    const { slices, orientation, summary } = detail.value
    return readersOfLesion(
      {
        structure: structureOf({ readings }, request, { grid }),
        places: placesOf(slices, orientation, summary.spacingMm),
        spacingMm: summary.spacingMm,
      },
      report.sizes.volumeMm3 !== undefined,
    )
  }

/** From the clicked slice outwards, one slice on each side in turn, so that what lies near is there first. */
async function* followBothWays(
  options: LesionRunsOptions,
  way: Way,
  clicked: CollectedSamples & { readonly start: Course },
  signal: AbortSignal,
): AsyncGenerator<LesionLine, Record<Side, FollowEnd> | { readonly refusal: RefusalOf }> {
  const { sliceIndex } = way.request.target
  yield await keep(options, way, sliceIndex, clicked, clicked.start.last, true)
  const heads: Record<Side, { readonly at: number; readonly course: Course } | FollowEnd> = {
    first: { at: sliceIndex, course: clicked.start },
    last: { at: sliceIndex, course: clicked.start },
  }
  while (typeof heads.first !== 'string' || typeof heads.last !== 'string') {
    for (const side of ['last', 'first'] as const) {
      const head = heads[side]
      if (typeof head === 'string') continue
      const next = nextSlice(way, head.at, side)
      if (typeof next === 'string') {
        heads[side] = next
        continue
      }
      const run = yield* runSlice(options.runs, way, next, head.course.centre, signal)
      if (!run.ok) return { refusal: run.refusal }
      // Pixels of the last slice that counted, seen from this one.
      const shift = way.places.shiftPx(lastIn(way, side), next)
      const followed = follow(head.course, run.value.masks, run.value.grid, shift)
      yield await keep(options, way, next, run.value, followed.finding, followed.isInLesion)
      heads[side] = typeof followed.next === 'string' ? followed.next : { at: next, course: followed.next }
    }
  }
  return { first: heads.first, last: heads.last }
}

type RefusalOf = Extract<Result<never>, { readonly ok: false }>['refusal']

/** The slice of the lesion that lies farthest out on this side. */
const lastIn = ({ slices }: Way, side: Side): number => {
  const indices = slices.map(({ sliceIndex }) => sliceIndex)
  return side === 'first' ? Math.min(...indices) : Math.max(...indices)
}

function nextSlice({ detail, places, request }: Way, at: number, side: Side): number | FollowEnd {
  const next = at + STEP[side]
  if (detail.slices[next] === undefined) return 'series-ends'
  if (places.slabs?.gapAfter[Math.min(at, next)] === true) return 'slices-missing'
  return Math.abs(next - request.target.sliceIndex) > MOST_SLICES ? 'too-far' : next
}

/** Runs one slice; passes its lines on. Each slice draws with the same noise: sample k is the same draw on all of them. */
async function* runSlice(
  runs: RunService,
  { request, detail }: Way,
  sliceIndex: number,
  { column, row }: ImagePoint,
  signal: AbortSignal,
): AsyncGenerator<LesionLine, Result<CollectedSamples>> {
  const collector = createRunCollector()
  const target: LesionRequest['target'] = {
    ...request.target,
    ...namedPlace({ sliceIndex, column, row }, detail.slices),
  }
  const asked: RunRequest = { ...request, target }
  for await (const line of runs.start(asked, signal)) {
    if (line.kind === 'refused') return { ok: false, refusal: line.refusal }
    collector.add(line)
    yield { kind: 'slice', target, line }
  }
  const collected = collector.collected()
  return collected === null
    ? refuse('inference-failed', `The run of the slice with index ${sliceIndex} ended without a report.`)
    : accept(collected)
}

/** Notes what a slice said, and keeps it where it belongs to the lesion. */
async function keep(
  { library }: LesionRunsOptions,
  way: Way,
  sliceIndex: number,
  run: CollectedSamples,
  finding: LesionFinding,
  isInLesion: boolean,
): Promise<LesionLine> {
  const note = noteOf(way, sliceIndex, run, finding, isInLesion)
  way.notes.push(note)
  if (isInLesion) {
    const pixels = await library.slicePixels(way.request.target.seriesUid, sliceIndex)
    // A mean in HU only of values that are in HU.
    const isHu = pixels.ok && pixels.value.description.unit === 'HU'
    const values = isHu ? valuesOnGrid(pixels.value, run.grid) : null
    way.slices.push({ sliceIndex, finding, values })
  }
  return { kind: 'followed', slice: note }
}

function noteOf(
  { detail }: Way,
  sliceIndex: number,
  { run, masks, grid }: CollectedSamples,
  finding: LesionFinding | null,
  isInLesion: boolean,
): LesionSliceNote {
  const own = (finding?.pieces ?? []).map(({ ownPx }) => ownPx).filter((px) => px > 0)
  const sorted = own.toSorted((a, b) => a - b)
  const half = sorted.length / 2
  const medianPx =
    sorted.length === 0 ? null : ((sorted[Math.ceil(half) - 1] ?? 0) + (sorted[Math.floor(half)] ?? 0)) / 2
  const { spacingMm } = detail.summary
  const pixelPx = grid.columnStep * grid.rowStep
  return {
    sliceIndex,
    sopInstanceUid: detail.slices[sliceIndex]?.sopInstanceUid ?? '',
    runId: run.runId,
    isInLesion,
    drawnCount: own.length,
    drawnShare: own.length / masks.length,
    ...(spacingMm === null
      ? { medianAreaPx: medianPx === null ? null : medianPx * pixelPx }
      : { medianAreaMm2: medianPx === null ? null : medianPx * pixelPx * spacingMm.row * spacingMm.column }),
    elsewhereCount:
      finding === null
        ? masks.filter((mask) => countPixels(mask) > 0).length
        : finding.pieces.filter(({ otherPieces }) => otherPieces > 0).length,
  }
}
