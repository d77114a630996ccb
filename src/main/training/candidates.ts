import { cp, readFile, rename, rm, stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { accept, refuse, TrainingSet } from '../../contract'
import type {
  FromWorker,
  GateReport,
  Job,
  ModelVersion,
  Rater,
  Result,
  ToWorker,
  VersionAct,
} from '../../contract'
import { keptFromPromotion } from '../../core/training/promotable'
import { readPackage } from '../registry/package'
import type { JobFiles } from './job-files'
import { promotionBody, reportSha256 } from './promotions'
import { judgedBefore, keepVerdict, wasJudgedBy } from './set-memory'
import { readKept } from './training-folder'
import type { TrainingOptions } from './training-options'

export interface Candidates {
  readonly openingOf: (job: Job) => Promise<Result<ToWorker>>
  readonly install: (job: Job, done: Extract<FromWorker, { type: 'done' }>) => Promise<Result<Job>>
  readonly judged: (job: Job, gated: Extract<FromWorker, { type: 'gated' }>) => Promise<Result<Job>>
  readonly discard: (jobId: string) => Promise<Result<Job>>
  readonly onVersion: (rater: Rater, modelId: string, act: VersionAct) => Promise<Result<ModelVersion>>
}

/** Even draws of a verdict; as many as an expected GED of 16 samples takes. */
const JUDGED_SAMPLES = 96
/** Of the memory that is free, so much for the worker. */
const MEMORY_SHARE = 0.6

/** A candidate from what its worker is told to its promotion. */
export function createCandidates(options: TrainingOptions, files: JobFiles): Candidates {
  const now = (): string => new Date(options.clock()).toISOString()
  return {
    openingOf: (job) => openingOf(options, files, job),
    install: (job, done) => install(options, files, job, done, now()),
    judged: (job, { report }) => keepReport(options, job, report),
    discard: (jobId) => discard(options, files, jobId),
    onVersion: (rater, modelId, asked) => changeVersion(options, rater, modelId, asked),
  }
}

async function keepReport(options: TrainingOptions, job: Job, report: GateReport): Promise<Result<Job>> {
  const { candidate } = job
  if (candidate === null || report.candidate.sha256 !== candidate.sha256)
    return refuse('model-mismatch', 'The report is of another candidate.', { next: 'Judge it again.' })
  const set = await setOf(options, job)
  if (!set.ok) return set
  const owner = await ownerId(options)
  if (!owner.ok) return owner
  const heldOut = heldOutOf(set.value)
  const about = { candidate, reportSha256: reportSha256(report) }
  const verdict = { setId: job.set.setId, heldOut, verdict: report.verdict, ...about }
  // First what must not be forgotten: that these patients have judged once more.
  const kept = await keepVerdict(options.store, owner.value, job.jobId, verdict)
  if (!kept.ok) return kept
  const version = await options.versions.of(candidate.id)
  if (version.ok) await options.versions.keep({ ...version.value, gate: report })
  return accept({ ...job, state: 'judged', gate: report })
}

async function discard(
  { versions, models }: TrainingOptions,
  files: JobFiles,
  jobId: string,
): Promise<Result<Job>> {
  const job = await files.read(jobId)
  if (!job.ok) return job
  const { candidate, state, number, notes } = job.value
  if (candidate === null || state === 'judging' || state === 'queued')
    return refuse('request-invalid', `Training ${number} has no candidate to take away now.`)
  const standing = (await models.list()).find(({ id }) => id === candidate.id)?.standing ?? null
  if (standing?.experimental === false)
    return refuse('not-allowed', `${candidate.id} is in use.`, { next: 'Go back to its parent first.' })
  await versions.remove(candidate.id)
  const said = [...notes, 'The candidate was discarded.']
  const gone: Job = { ...job.value, candidate: null, state: 'cancelled', notes: said }
  await files.keep(gone)
  return accept(gone)
}

async function changeVersion(
  options: TrainingOptions,
  rater: Rater,
  modelId: string,
  { act, sawWorst }: VersionAct,
): Promise<Result<ModelVersion>> {
  const found = await options.versions.of(modelId)
  if (!found.ok) return found
  const version = found.value
  const allowed = act === 'promote' ? await mayPromote(options, version, sawWorst) : mayGoBack(version)
  if (!allowed.ok) return allowed
  const body = promotionBody(version)
  const noted = await options.store.addTrainingRecord({ kind: act, key: modelId, body }, rater.raterId)
  if (!noted.ok) return noted
  const isPromoted = act === 'promote'
  const promotedAt = isPromoted ? noted.value.at : null
  const next: ModelVersion = { ...version, experimental: !isPromoted, promotedAt }
  await options.versions.keep(next)
  return accept(next)
}

const mayGoBack = ({ model, promotedAt }: ModelVersion): Result<null> =>
  promotedAt === null ? refuse('request-invalid', `${model.id} is not promoted.`) : accept(null)

async function mayPromote(
  { models, folder, store }: TrainingOptions,
  { model, gate }: ModelVersion,
  sawWorst: boolean,
): Promise<Result<null>> {
  const installed = (await models.list()).find(({ id }) => id === model.id)
  if (installed?.standing?.experimental === false)
    return refuse('request-invalid', `${model.id} is promoted already.`)
  const kept = keptFromPromotion(gate)
  if (gate === null || kept !== null)
    return refuse('not-allowed', `${model.id} may not replace its parent. ${kept ?? ''}`, {
      next: 'It stays experimental, and can be tried by its name.',
    })
  if (!sawWorst)
    return refuse('not-allowed', 'Nobody has looked at its worst cases yet.', {
      next: 'Look at the ten worst cases, then promote.',
    })
  const read = (await readPackage(join(folder.models, model.id))).package
  if (!read.ok) return read
  if (read.value.sha256 !== model.sha256)
    return refuse('model-refused', `The package ${model.id} is not the one that was judged.`, {
      next: 'Train and judge it again.',
    })
  const refusal = installed?.refusal ?? null
  if (refusal !== null) return { ok: false, refusal }
  const judged = await wasJudgedBy(store, model, reportSha256(gate))
  if (!judged.ok || judged.value) return judged.ok ? accept(null) : judged
  return refuse('not-allowed', `The log of this workspace holds no verdict on ${model.id} by this report.`, {
    next: 'Judge it again, here.',
  })
}

const heldOutOf = (set: TrainingSet): string[] =>
  set.patients.flatMap(({ patientId, part }) => (part === 'heldOut' ? [patientId] : []))

async function setOf({ folder }: TrainingOptions, job: Job): Promise<Result<TrainingSet>> {
  const set = await readKept(join(folder.sets, job.set.setId, 'set.json'), TrainingSet)
  return set === null
    ? refuse('not-found', `The set ${job.set.setId} of training ${job.number} is gone or damaged.`, {
        next: 'Freeze it anew and train on that.',
      })
    : accept(set)
}

/** Whose verdicts are in the log: the owner's, who alone trains. */
async function ownerId({ store }: TrainingOptions): Promise<Result<string>> {
  const raters = await store.raters()
  if (!raters.ok) return raters
  const owner = raters.value.find(({ role, retired }) => role === 'owner' && !retired)
  return owner === undefined ? refuse('not-found', 'The workspace has no owner.') : accept(owner.raterId)
}

async function openingOf(options: TrainingOptions, files: JobFiles, job: Job): Promise<Result<ToWorker>> {
  const { folder, models, memory } = options
  const set = await setOf(options, job)
  if (!set.ok) return set
  const parent = (await models.list()).find(({ id }) => id === job.parent.id)
  const read = parent === undefined ? null : (await readPackage(parent.path)).package
  if (parent === undefined || read?.ok !== true || read.value.sha256 !== job.parent.sha256)
    return refuse(
      'model-mismatch',
      `The model ${job.parent.id} is not installed as it was when the set was frozen.`,
      {
        next: 'Install it again, or freeze a set for the model that is there.',
      },
    )
  const { freeBytes, threads } = memory()
  const shared = {
    ...{ protocol: 1 as const, jobId: job.jobId, set: join(folder.sets, job.set.setId) },
    ...{ parent: parent.path, folder: files.folderOf(job.jobId), seed: job.seed },
  }
  if (job.waitsFor === 'judge') {
    const { candidate } = job
    if (candidate === null) return refuse('not-found', `Training ${job.number} has no candidate.`)
    const before = await judgedBefore(options.store, heldOutOf(set.value))
    if (!before.ok) return before
    const judged = { samples: JUDGED_SAMPLES, judgedBefore: before.value, threads }
    return accept({ type: 'judge', ...shared, candidate: join(folder.models, candidate.id), ...judged })
  }
  const { steps, seconds, method } = job
  const limits = { steps, seconds, memoryBytes: Math.floor(freeBytes * MEMORY_SHARE), threads }
  return accept({ type: 'start', ...shared, method, limits, candidate: candidateName(job) })
}

/** `lidc-cflow-planar-t7`: the model that all goes back to, and the training that made it. */
const candidateName = ({ parent, number }: Job): { id: string; version: string } => ({
  id: `${parent.id.replace(/-t\d+$/, '')}-t${number}`,
  version: nextMinor(parent.version),
})

const nextMinor = (version: string): string => {
  const [major = '1', minor = '0'] = version.split('.')
  return `${major}.${Number(minor) + 1}.0`
}

/** Puts a candidate among the packages as experimental. Refused by name where it is not what it should be. */
async function install(
  { folder, versions, models }: TrainingOptions,
  files: JobFiles,
  job: Job,
  done: Extract<FromWorker, { type: 'done' }>,
  installedAt: string,
): Promise<Result<Job>> {
  const made = join(files.folderOf(job.jobId), done.package)
  const wanted = candidateName(job)
  const read = await readPackage(made)
  if (!read.package.ok) return read.package
  const { manifest, sha256 } = read.package.value
  if (
    manifest.id !== wanted.id ||
    basename(made) !== wanted.id ||
    manifest.parent !== job.parent.sha256 ||
    sha256 !== done.sha256
  )
    return refuse(
      'model-refused',
      `The trainer made ${manifest.id} of ${manifest.parent ?? 'no parent'}, not ${wanted.id} of ${job.parent.sha256} as it was told.`,
    )
  const model = { id: manifest.id, version: manifest.version, sha256 }
  const card = await readFile(join(made, 'card.md'), 'utf8').catch(() => '')
  const record = { model, parent: job.parent, card, setId: job.set.setId, jobId: job.jobId, gate: null }
  await versions.keep({ ...record, experimental: true, installedAt, promotedAt: null })
  const place = join(folder.models, manifest.id)
  await rm(place, { recursive: true, force: true })
  await move(made, place)
  const installed = (await models.list()).find(({ path }) => path === place)
  const refusal = installed === undefined ? null : installed.refusal
  if (refusal !== null) {
    await versions.remove(manifest.id)
    return { ok: false, refusal }
  }
  return accept({ ...job, state: 'trained', candidate: model, notes: [...job.notes, ...done.notes] })
}

/** Across disks too. */
async function move(from: string, to: string): Promise<void> {
  const known = await stat(from).catch(() => null)
  if (known === null) return
  try {
    await rename(from, to)
  } catch {
    await cp(from, to, { recursive: true })
    await rm(from, { recursive: true, force: true })
  }
}
