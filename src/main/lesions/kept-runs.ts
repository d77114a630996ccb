/** Runs that were drawn in a series for a rater, and are given to that rater again without being drawn. */
import { createHash } from 'node:crypto'
import { accept, refuse } from '../../contract'
import type {
  Grid,
  KeptFigures,
  KeptRunList,
  LesionLine,
  LesionReport,
  LesionRequest,
  Rater,
  Result,
  RunLine,
  RunRequest,
  SizeDistribution,
  SliceReport,
  Subject,
} from '../../contract'
import { instanceKey } from '../../core/subject/slice-places'
import { placeOfTarget, subjectOfTarget } from '../../core/subject/subject'
import type { RunIdentity } from '../inference/prepared-run'
import type { RunService } from '../inference/run-service'
import type { HeldFields } from '../inference/runs'
import type { Subjects } from '../readings/subjects'
import { bodySha256, type KeptHeader, type KeptRunsFolder } from '../workspace/kept-runs-folder'
import {
  type KeptLesionStep,
  type KeptSamples,
  packItems,
  packSamples,
  unpackItems,
  unpackSamples,
} from './kept-bytes'
import type { LesionRuns } from './lesion-runs'

export interface KeptRuns {
  /** What was drawn in a subject for this rater, and whether it would be drawn anew; no samples. */
  readonly list: (rater: Rater, subject: Subject) => Promise<Result<KeptRunList>>
  /** As `RunService.start`: from what is kept where that is what would be drawn; else drawn, and kept. */
  readonly run: (rater: Rater, request: RunRequest, signal: AbortSignal) => AsyncIterable<RunLine>
  /** As `LesionRuns.follow`, likewise. */
  readonly follow: (rater: Rater, request: LesionRequest, signal: AbortSignal) => AsyncIterable<LesionLine>
  /** What a lesion came to that was followed for this rater, where it would come to the same now. */
  readonly lesion: (rater: Rater, request: LesionRequest) => Promise<Result<KeptLesion>>
  /** Fulfils when all that was drawn so far is on the disk, or could not be written. */
  readonly settled: () => Promise<void>
}

export interface KeptLesion {
  readonly report: LesionReport
  readonly modelSha256: string
  /** The line that draws its first slice again; null where it would find nothing. */
  readonly command: string | null
}

export interface KeptRunsParts {
  readonly folder: KeptRunsFolder
  readonly subjects: Pick<Subjects, 'keyOf'>
  readonly runs: Pick<RunService, 'start' | 'fields'> & HeldFields
  readonly lesions: Pick<LesionRuns, 'follow'>
  /** What readers drew of the lesion that is known now: those of then may be withdrawn, or withheld. */
  readonly readersNow: (request: LesionRequest, report: LesionReport, grid: Grid) => LesionReport['readers']
  readonly identify: (request: RunRequest) => Promise<Result<RunIdentity>>
  /** Milliseconds since the epoch. */
  readonly clock: () => number
  /** Told once why results are not kept. */
  readonly log: (why: string) => void
}

type Started = Extract<RunLine, { readonly kind: 'started' }>
type SeriesRequest = RunRequest & LesionRequest

/** What a page shows of agreement is computed from the readings that are open (`agreement-on-grid` is about them). */
const ABOUT_READERS = 'agreement-on-grid'

const isOfSeries = (request: RunRequest): request is SeriesRequest => request.target.kind === 'series'

/** One name for a request, whatever else the series holds when it is asked again. */
function nameOf(request: RunRequest, isLesion: boolean): string {
  const place = placeOfTarget(request.target)
  const slice = place?.instance === undefined ? `${place?.sliceIndex ?? ''}` : instanceKey(place.instance)
  const { modelId, samples, seed, draws } = request
  const said = [isLesion, slice, place?.column, place?.row, place?.structureId, modelId, samples, seed]
  return createHash('sha256')
    .update(JSON.stringify([...said, draws ?? null]))
    .digest('hex')
    .slice(0, 32)
}

const withoutValues = <Sizes extends object>(sizes: Sizes): Sizes =>
  Object.fromEntries(
    Object.entries(sizes).map(([key, size]: [string, SizeDistribution]) => [key, { ...size, values: [] }]),
  ) as Sizes

const sliceFigures = ({
  sampleCount,
  drawnCount,
  mostDrawNothing,
  sizes,
}: SliceReport): KeptFigures['slice'] => ({
  ...{ sampleCount, drawnCount, mostDrawNothing, sizes: withoutValues(sizes) },
})
const lesionFigures = (report: LesionReport): KeptFigures['lesion'] => {
  const { sampleCount, drawnCount, mostDrawNothing, sizes, ends } = report
  return { sampleCount, drawnCount, mostDrawNothing, sizes: withoutValues(sizes), ends }
}

/** What differs between what was drawn from and what would be, by name; null: nothing does. */
export function staleBecause(header: KeptHeader, now: Result<RunIdentity>): string | null {
  if (!now.ok) return now.refusal.reason
  const { modelId, modelSha256, inputKey, sliceIndex, version } = now.value
  if (header.modelId !== modelId || header.modelSha256 !== modelSha256)
    return `The model ${modelId} is another than the one that drew it.`
  if (header.inputKey !== inputKey) return 'The pixels of its slice are others than those it was drawn on.'
  if (header.sliceIndex !== sliceIndex) return 'The series is open with other slices than it was drawn in.'
  return header.program === version ? null : `Margin ${header.program} drew it; this is ${version}.`
}

export function createKeptRuns(parts: KeptRunsParts): KeptRuns {
  const keeper = createKeeper(parts)
  return {
    list: (rater, subject) => listOf(parts, rater, subject),
    run: (rater, request, signal) => runOf(parts, keeper, rater, request, signal),
    follow: (rater, request, signal) => followOf(parts, keeper, rater, request, signal),
    lesion: async (rater, request) => {
      await keeper.settled()
      return lesionOf(parts, rater, request)
    },
    settled: keeper.settled,
  }
}

async function lesionOf(
  { folder, subjects, identify }: KeptRunsParts,
  rater: Rater,
  request: LesionRequest,
): Promise<Result<KeptLesion>> {
  const next = 'Choose its place and follow it through its slices, then compare.'
  const key = await subjects.keyOf(subjectOfTarget(request.target))
  if (!key.ok) return key
  const now = await identify(request)
  if (!now.ok) return now
  const file = await folder.read(rater.raterId, key.value, nameOf(request, true))
  const items = (file === null ? null : await unpackItems(file.body)) ?? []
  const lines = items.flatMap((item) => ('line' in item ? [item.line] : []))
  const done = lines.find((line) => line.kind === 'done')
  if (file === null || done === undefined) return refuse('not-found', 'This lesion is not kept.', { next })
  const stale = staleBecause(file.header, now)
  if (stale !== null) return refuse('not-found', stale, { next })
  return accept({ report: done.report, modelSha256: now.value.modelSha256, command: now.value.command })
}

async function listOf(
  { folder, subjects, identify }: KeptRunsParts,
  rater: Rater,
  subject: Subject,
): Promise<Result<KeptRunList>> {
  const key = await subjects.keyOf(subject)
  if (!key.ok) return key
  const headers = await folder.list(rater.raterId, key.value)
  const runs: KeptRunList['runs'] = []
  for (const header of headers) {
    if (header.kind === 'slice') continue
    const { request, at, figures } = header
    runs.push({ request, at, figures, stale: staleBecause(header, await identify(request)) })
  }
  return accept({ runs })
}

/** A kept run that is what would be drawn now; null: none is. */
async function freshRun(
  { folder, subjects, identify }: KeptRunsParts,
  rater: Rater,
  request: RunRequest,
): Promise<KeptSamples | null> {
  const key = await subjects.keyOf(subjectOfTarget(request.target))
  if (!key.ok) return null
  const file = await folder.read(rater.raterId, key.value, nameOf(request, false))
  if (file === null) return null
  const now = await identify(request)
  if (!now.ok || staleBecause(file.header, now) !== null) return null
  const kept = await unpackSamples(file.body)
  if (kept === null) return null
  const { command } = now.value
  // Where its picture is open may be elsewhere than it was.
  const lines = kept.lines.map((line) =>
    line.kind === 'started' ? { ...line, run: { ...line.run, command } } : line,
  )
  return { ...kept, lines }
}

/** Holds the fields of a run that was kept, and gives its lines. */
function replayed({ runs }: KeptRunsParts, { lines, fields }: KeptSamples): readonly RunLine[] {
  const started = lines.find((line) => line.kind === 'started')
  if (started !== undefined && fields.length > 0)
    runs.hold(started.run.runId, started.grid.widthPx * started.grid.heightPx, fields)
  return lines
}

async function* runOf(
  parts: KeptRunsParts,
  keeper: Keeper,
  rater: Rater,
  request: RunRequest,
  signal: AbortSignal,
): AsyncGenerator<RunLine> {
  const kept = isOfSeries(request) ? await freshRun(parts, rater, request) : null
  if (kept !== null) {
    yield* replayed(parts, kept)
    return
  }
  const noted: RunLine[] = []
  for await (const line of parts.runs.start(request, signal)) {
    note(noted, line)
    if (line.kind === 'done' && isOfSeries(request)) keeper.run(rater, request, noted, 'run')
    yield line
  }
}

/** A device that gave way begins the run again. */
function note(noted: RunLine[], line: RunLine): void {
  if (line.kind === 'started') noted.length = 0
  noted.push(line)
}

async function* followOf(
  parts: KeptRunsParts,
  keeper: Keeper,
  rater: Rater,
  request: LesionRequest,
  signal: AbortSignal,
): AsyncGenerator<LesionLine> {
  const kept = await freshLesion(parts, rater, request)
  if (kept !== null) {
    yield* kept
    return
  }
  const items: KeptLesionStep[] = []
  const noted: RunLine[] = []
  for await (const line of parts.lesions.follow(request, signal)) {
    if (line.kind === 'slice') {
      note(noted, line.line)
      if (line.line.kind === 'done') {
        const isClicked = items.length === 0
        items.push({ slice: line.target })
        keeper.run(rater, { ...request, target: line.target }, noted, isClicked ? 'run' : 'slice')
      }
    } else if (line.kind === 'done') {
      items.push({ line: { ...line, report: { ...line.report, readers: [] } } })
      keeper.lesion(rater, request, items, line.report)
    } else items.push({ line })
    yield line
  }
}

/** All lines of a lesion that is what would be drawn now, slice for slice; null: something of it is not. */
async function freshLesion(
  parts: KeptRunsParts,
  rater: Rater,
  request: LesionRequest,
): Promise<readonly LesionLine[] | null> {
  const key = await parts.subjects.keyOf(subjectOfTarget(request.target))
  if (!key.ok) return null
  const file = await parts.folder.read(rater.raterId, key.value, nameOf(request, true))
  const items = file === null ? null : await unpackItems(file.body)
  if (file === null || items === null) return null
  const lines: LesionLine[] = []
  let clicked: Started | null = null
  for (const item of items) {
    if ('slice' in item) {
      const target = item.slice
      const run = await freshRun(parts, rater, { ...request, target })
      if (run === null) return null
      clicked ??= run.lines.find((line) => line.kind === 'started') ?? null
      for (const line of replayed(parts, run)) lines.push({ kind: 'slice', target, line })
    } else if (item.line.kind === 'done' && clicked !== null) {
      const readers = parts.readersNow(request, item.line.report, clicked.grid)
      const report = { ...item.line.report, readers }
      lines.unshift({ kind: 'kept', report })
      lines.push({ ...item.line, report })
    } else lines.push(item.line)
  }
  return lines
}

/** Writes what was drawn, one run after another, while others are drawn. */
interface Keeper {
  readonly run: (rater: Rater, request: RunRequest, lines: readonly RunLine[], kind: 'run' | 'slice') => void
  readonly lesion: (
    rater: Rater,
    request: LesionRequest,
    items: readonly KeptLesionStep[],
    report: LesionReport,
  ) => void
  readonly settled: () => Promise<void>
}

function createKeeper(parts: KeptRunsParts): Keeper {
  const { folder, subjects, runs, identify, clock, log } = parts
  let last: Promise<void> = Promise.resolve()
  let isTold = false
  function inTurn(work: () => Promise<void>): void {
    last = last.then(work).catch((error: unknown) => {
      if (isTold) return
      isTold = true
      log(error instanceof Error ? error.message : String(error))
    })
  }
  async function write(
    { raterId }: Rater,
    request: RunRequest,
    what: Pick<KeptHeader, 'kind' | 'figures'>,
    body: Buffer,
  ): Promise<void> {
    const key = await subjects.keyOf(subjectOfTarget(request.target))
    const now = await identify(request)
    if (!key.ok || !now.ok) return
    const { modelId, modelSha256, inputKey, sliceIndex, version } = now.value
    const header: KeptHeader = {
      ...{ version: 1, ...what, request, at: new Date(clock()).toISOString() },
      ...{ modelId, modelSha256, inputKey, sliceIndex, program: version, sha256: bodySha256(body) },
    }
    await folder.write(raterId, key.value, nameOf(request, what.kind === 'lesion'), { header, body })
  }
  return {
    run: (rater, request, lines, kind) => {
      const drawn = lines.map(withoutReaders)
      const fields = fieldsOf(runs, lines)
      const report = drawn.find((line) => line.kind === 'done')?.report
      if (fields === null || report === undefined) return
      inTurn(async () => {
        const figures = { slice: sliceFigures(report), lesion: null }
        await write(rater, request, { kind, figures }, await packSamples({ lines: drawn, fields }))
      })
    },
    lesion: (rater, request, items, report) => {
      const figures = { slice: null, lesion: lesionFigures(report) }
      inTurn(async () => write(rater, request, { kind: 'lesion', figures }, await packItems(items)))
    },
    settled: () => last,
  }
}

/** What was compared with readers is compared again with those that are open then, and released then. */
function withoutReaders(line: RunLine): RunLine {
  if (line.kind !== 'done') return line
  const warnings = line.report.warnings.filter(({ code }) => code !== ABOUT_READERS)
  return { ...line, report: { ...line.report, agreement: null, warnings } }
}

/** A copy of the fields of a run that is done; null: they are held no longer. */
function fieldsOf({ fields }: Pick<RunService, 'fields'>, lines: readonly RunLine[]): Int8Array | null {
  const started = lines.find((line) => line.kind === 'started')
  if (started === undefined) return null
  const held = fields(started.run.runId, 0, started.run.samples)
  return held.ok ? new Int8Array(held.value) : null
}
