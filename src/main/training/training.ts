import { mkdir, readFile, rm, statfs } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { accept, refuse, SetSummary, TrainingSet } from '../../contract'
import type {
  Job,
  JobAct,
  JobDetail,
  ModelVersion,
  NewJob,
  Rater,
  Result,
  SetCheck,
  SetRequest,
  TrainingState,
  VersionAct,
} from '../../contract'
import { ownerOnly } from '../accounts/owner-only'
import type { PixelBody } from '../library/library-service'
import { FOLDER_MODE } from '../workspace/folder-upkeep'
import { CASES_FOR_HEADS } from './judge-set'
import { createCandidates } from './candidates'
import { createJobFiles, type JobFiles, trainingOf } from './job-files'
import { createJobs } from './jobs'
import { freeze, planSet } from './make-set'
import { nextStep } from './next-step'
import { asItStands } from './promotions'
import { keepParts } from './set-memory'
import { namesIn, readKept, writeWhole } from './training-folder'
import type { TrainingFolder } from './training-folder'
import type { TrainingOptions } from './training-options'

/** Everything of training, to the owner of the workspace alone. */
export interface Training {
  readonly state: (rater: Rater) => Promise<Result<TrainingState>>
  /** A dry run: nothing is kept. */
  readonly check: (rater: Rater, request: SetRequest) => Promise<Result<SetCheck>>
  readonly freeze: (rater: Rater, request: SetRequest) => Promise<Result<SetSummary>>
  readonly start: (rater: Rater, request: NewJob) => Promise<Result<Job>>
  readonly job: (rater: Rater, jobId: string) => Promise<Result<JobDetail>>
  readonly act: (rater: Rater, jobId: string, act: JobAct['act']) => Promise<Result<Job>>
  readonly onVersion: (rater: Rater, modelId: string, act: VersionAct) => Promise<Result<ModelVersion>>
  /** A file of shares of a job (uint8), or an input of a set (float32), with its size. */
  readonly picture: (
    rater: Rater,
    of: {
      readonly setId: string
      readonly caseId: string
      readonly jobFile: readonly [string, string] | null
    },
  ) => Promise<Result<PixelBody>>
  /** Goes on with what an earlier process left. */
  readonly resume: () => Promise<void>
  readonly close: () => Promise<void>
}

const SubjectKeys = z.array(z.string())
const STEPS = 2_000
/** A candidate, its checkpoint and its pictures take some tens of megabytes. */
const WANTED_DISK_BYTES = 500_000_000
const WANTED_MEMORY_BYTES = 700_000_000

export function createTraining(options: TrainingOptions): Training {
  const { folder, versions } = options
  const files = createJobFiles(folder.jobs, options.pid)
  const candidates = createCandidates(options, files)
  const jobs = createJobs({
    files,
    findWorker: async () => {
      const found = await options.findWorker()
      return found.ok ? accept(found.value.start) : found
    },
    openingOf: async (job) => {
      const room = await enoughRoom(options)
      return room.ok ? candidates.openingOf(job) : room
    },
    onDone: candidates.install,
    onGated: candidates.judged,
    clock: options.clock,
    nowMs: options.nowMs,
  })
  const owned =
    <A extends readonly unknown[], T>(work: (rater: Rater, ...given: A) => Promise<Result<T>>) =>
    async (rater: Rater, ...given: A): Promise<Result<T>> => {
      const allowed = ownerOnly(rater, 'Training')
      return allowed.ok ? work(rater, ...given) : allowed
    }
  return {
    state: owned(async () => {
      const found = await options.findWorker()
      const sets = await summaries(folder)
      const installed = await options.models.list()
      const standing = (await versions.list()).map((version) => asItStands(version, installed))
      const listed = { sets, jobs: [...(await jobs.list())], versions: standing }
      const python = found.ok ? found.value.words : null
      return accept({
        python,
        missing: found.ok ? null : found.refusal,
        ...listed,
        next: nextStep(listed, found.ok),
      })
    }),
    check: owned(async (rater, request: SetRequest) => {
      const planned = await planSet(options, rater, request, null)
      return planned.ok ? accept(planned.value.check) : planned
    }),
    freeze: owned((rater, request: SetRequest) => freezeSet(options, rater, request)),
    start: owned(async (rater, request: NewJob) => {
      const job = await plannedJob(options, files, rater, request)
      return job.ok ? jobs.add(job.value) : job
    }),
    job: owned((_rater, jobId: string) => jobs.detail(jobId)),
    act: owned((_rater, jobId: string, act: JobAct['act']) =>
      act === 'discard' ? candidates.discard(jobId) : jobs.act(jobId, act),
    ),
    onVersion: owned(candidates.onVersion),
    picture: owned((rater, of) => picture(options, files.folderOf, rater, of)),
    resume: jobs.resume,
    close: jobs.close,
  }
}

/** A job on a set that is there. Whoever trains is shown what the models draw on its images: that is noted first. */
async function plannedJob(
  { folder, disclosure, versions, clock }: TrainingOptions,
  files: JobFiles,
  rater: Rater,
  request: NewJob,
): Promise<Result<Job>> {
  const place = join(folder.sets, request.setId)
  const set = /^set-\d+$/.test(request.setId) ? await readKept(join(place, 'set.json'), TrainingSet) : null
  if (set === null) return noSet(request.setId)
  const subjects = await readKept(join(place, 'subjects.json'), SubjectKeys)
  const shown = await disclosure.releaseAll(rater, subjects ?? [], 'model', 'training')
  if (!shown.ok) return shown
  // A model that was brought in keeps its name: its number is not given again.
  const numbers = (await versions.list()).map(({ model }) => trainingOf(model.id) ?? 0)
  const number = 1 + Math.max(0, ...numbers, ...(await files.list()).map((job) => job.number))
  return accept(newJob(request, set, number, new Date(clock()).toISOString()))
}

const noSet = (setId: string): Result<never> =>
  refuse('not-found', `There is no training set ${setId}.`, { next: 'Freeze a set first.' })

function newJob(request: NewJob, set: TrainingSet, number: number, madeAt: string): Job {
  const heldOut = new Set(
    set.patients.flatMap(({ patientId, part }) => (part === 'heldOut' ? [patientId] : [])),
  )
  const cases = set.cases.filter(({ patientId }) => !heldOut.has(patientId)).length
  return {
    jobId: `job-${number}`,
    number,
    set: { setId: set.setId, name: set.name },
    parent: set.parent,
    method: request.method ?? (cases < CASES_FOR_HEADS ? 'width' : 'heads'),
    seed: request.seed,
    steps: request.steps ?? STEPS,
    seconds: request.seconds,
    state: 'queued',
    waitsFor: 'train',
    madeAt,
    endedAt: null,
    restarts: 0,
    refusal: null,
    candidate: null,
    gate: null,
    notes: [],
  }
}

async function enoughRoom({ folder, memory }: TrainingOptions): Promise<Result<null>> {
  await mkdir(folder.jobs, { recursive: true, mode: FOLDER_MODE })
  const { bavail, bsize } = await statfs(folder.jobs)
  if (bavail * bsize < WANTED_DISK_BYTES)
    return refuse(
      'limit-reached',
      `The disk of the workspace has ${inGb(bavail * bsize)} free, training wants 0.5 GB.`,
      {
        next: 'Free some space, then resume.',
      },
    )
  const { freeBytes } = memory()
  if (freeBytes >= WANTED_MEMORY_BYTES) return accept(null)
  return refuse('limit-reached', `${inGb(freeBytes)} of memory are free, training wants at least 0.7 GB.`, {
    next: 'Close other programs, then resume.',
  })
}

const inGb = (bytes: number): string => `${(bytes / 1e9).toFixed(1)} GB`

const summaryFile = (folder: TrainingFolder, setId: string): string =>
  join(folder.sets, setId, 'summary.json')

async function summaries(folder: TrainingFolder): Promise<SetSummary[]> {
  const names = (await namesIn(folder.sets)).filter((name) => /^set-\d+$/.test(name))
  const read = await Promise.all(names.map((name) => readKept(summaryFile(folder, name), SetSummary)))
  return read.filter((one) => one !== null).toSorted((a, b) => b.madeAt.localeCompare(a.madeAt))
}

/** Pictures of a set that its page shows. */
const SHOWN_CASES = 12

async function freezeSet(
  options: TrainingOptions,
  rater: Rater,
  request: SetRequest,
): Promise<Result<SetSummary>> {
  const { folder, store } = options
  const names = await namesIn(folder.sets)
  const setId = `set-${1 + Math.max(0, ...names.map((name) => Number(/^set-(\d+)$/.exec(name)?.[1] ?? 0)))}`
  const beside = join(folder.sets, `.making-${setId}-${options.pid}`)
  try {
    await mkdir(beside, { recursive: true, mode: FOLDER_MODE })
    const planned = await planSet(options, rater, request, beside)
    if (!planned.ok) return planned
    const { check, split, manifest, parent, set } = planned.value
    const [first] = check.missing
    if (first !== undefined)
      return refuse('request-invalid', check.missing.map(({ text }) => text).join(' '), {
        next: 'Nothing was kept.',
      })
    const { modality, structure } = manifest
    const madeAt = new Date(options.clock()).toISOString()
    const facts = { setId, name: request.name, madeAt, modality, structure }
    const frozen: TrainingSet = { formatVersion: 1, ...facts, parent, filter: request.filter, ...set }
    const summary = SetSummary.strip().parse({ ...check, ...facts, pictures: shownCases(set.cases) })
    await writeWhole(join(beside, 'summary.json'), JSON.stringify(summary))
    await writeWhole(join(beside, 'subjects.json'), JSON.stringify(planned.value.subjects))
    // First what must not be forgotten, then what it is for.
    const kept = await keepParts(store, rater, setId, split.parts)
    if (!kept.ok) return kept
    await freeze(beside, join(folder.sets, setId), frozen)
    const named = await store.addTrainingRecord(
      { kind: 'set', key: setId, body: JSON.stringify(facts) },
      rater.raterId,
    )
    return named.ok ? accept(summary) : named
  } finally {
    await rm(beside, { recursive: true, force: true })
  }
}

const shownCases = (cases: TrainingSet['cases']): string[] => {
  const step = Math.max(1, Math.floor(cases.length / SHOWN_CASES))
  return cases
    .filter((_, index) => index % step === 0)
    .slice(0, SHOWN_CASES)
    .map(({ caseId }) => caseId)
}

/** What a model drew is withheld from who still reads any of the set's images blind. */
async function picture(
  { folder, disclosure }: TrainingOptions,
  folderOf: (jobId: string) => string,
  rater: Rater,
  {
    setId,
    caseId,
    jobFile,
  }: { readonly setId: string; readonly caseId: string; readonly jobFile: readonly [string, string] | null },
): Promise<Result<PixelBody>> {
  const set = /^set-\d+$/.test(setId)
    ? await readKept(join(folder.sets, setId, 'set.json'), TrainingSet)
    : null
  const one = set?.cases.find((each) => each.caseId === caseId)
  if (one === undefined) return refuse('not-found', `The set ${setId} has no case ${caseId}.`)
  if (jobFile !== null) {
    if (!/^job-\d+$/.test(jobFile[0])) return refuse('not-found', `There is no training ${jobFile[0]}.`)
    const subjects = await readKept(join(folder.sets, setId, 'subjects.json'), SubjectKeys)
    const shown = await disclosure.releaseAll(rater, subjects ?? [], 'model', 'training')
    if (!shown.ok) return shown
  }
  const { widthPx, heightPx } = one
  const path =
    jobFile === null ? join(folder.sets, setId, one.input.file) : join(folderOf(jobFile[0]), jobFile[1])
  const bytes = await readFile(path).catch(() => null)
  if (bytes === null) return refuse('not-found', 'The picture is not there any more.')
  const pixels = widthPx * heightPx
  if (jobFile !== null)
    return bytes.length === pixels
      ? accept(greyBody(one, new Uint8Array(bytes)))
      : refuse('request-invalid', 'The picture has another size than its case.')
  const values = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  return accept(
    greyBody(
      one,
      greyOf((index) => values.getFloat32(4 * index, true), pixels),
    ),
  )
}

const greyBody = ({ widthPx, heightPx }: TrainingSet['cases'][number], bytes: Uint8Array): PixelBody => ({
  description: {
    ...{ widthPx, heightPx, type: 'uint8', slope: 1, intercept: 0, unit: '' },
    ...{ minStored: 0, maxStored: 255, paddingStored: null, warnings: [] },
  },
  bytes,
})

/** The first channel between its own ends. */
function greyOf(value: (index: number) => number, pixels: number): Uint8Array {
  let low = Infinity
  let high = -Infinity
  for (let index = 0; index < pixels; index += 1) {
    low = Math.min(low, value(index))
    high = Math.max(high, value(index))
  }
  const range = high > low ? high - low : 1
  return Uint8Array.from({ length: pixels }, (_, index) => Math.round((255 * (value(index) - low)) / range))
}
