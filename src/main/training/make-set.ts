import { createHash } from 'node:crypto'
import { mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { accept, refuse } from '../../contract'
import type {
  InstalledModel,
  Manifest,
  ModelName,
  Rater,
  Result,
  SetCheck,
  SetRequest,
  Subject,
  TrainingSet,
} from '../../contract'
import { modelModality } from '../../core/subject/modalities'
import { imageSubject, seriesSubject } from '../../core/subject/subject'
import { chooseModel } from '../inference/run-target'
import type { InputSources } from '../inference/run-target'
import type { Disclosure } from '../readings/disclosure'
import type { Subjects } from '../readings/subjects'
import { readPackage } from '../registry/package'
import type { ModelService } from '../registry/model-service'
import type { SubjectKey } from '../workspace/store'
import { FILE_MODE, FOLDER_MODE } from '../workspace/folder-upkeep'
import { countSet, detectableGed, missingOf, readersOf, warningsOf } from './judge-set'
import type { SetFindings } from './judge-set'
import { foldPatients, splitPatients } from './patient-split'
import type { Split } from './patient-split'
import { asPeople, sharedImages } from './same-images'
import { casesOf, shareOf, trainable } from './set-cases'
import type { KeepFile, MadeCase } from './set-cases'
import { judgedBefore, partsBefore, splitKey } from './set-memory'
import { readingsFor } from './set-readings'
import type { ReadingSources, SubjectReadings } from './set-readings'

export interface SetParts extends ReadingSources, InputSources {
  readonly subjects: Subjects
  readonly disclosure: Disclosure
  readonly models: ModelService
  /** 32 random bytes as hex. */
  readonly randomKey: () => string
}

/** More crops than a computer of its user trains on in a day. */
const MOST_CASES = 5_000

/** A set as it would be made now. */
export interface PlannedSet {
  readonly manifest: Manifest
  readonly parent: ModelName
  readonly check: SetCheck
  readonly split: Split
  readonly set: Pick<TrainingSet, 'patients' | 'cases' | 'readers'>
  /** The images of it, as the workspace keys them. */
  readonly subjects: readonly SubjectKey[]
}

/** Which package is trained from: sound, with a spread, with a checkpoint. */
export async function parentPackage(
  models: ModelService,
  { modality, modelId }: Pick<SetRequest, 'modality' | 'modelId'>,
): Promise<
  Result<{ readonly installed: InstalledModel; readonly manifest: Manifest; readonly name: ModelName }>
> {
  const installed = chooseModel(await models.list(), modality, modelId)
  if (!installed.ok) return installed
  const { manifest } = installed.value
  const fit = trainable(manifest)
  if (!fit.ok) return fit
  const read = await readPackage(installed.value.path)
  if (!read.package.ok) return read.package
  const { id, version } = manifest
  return accept({
    installed: installed.value,
    manifest,
    name: { id, version, sha256: read.package.value.sha256 },
  })
}

/**
 * Looks at everything that is open, takes what the filter asks for and what may be shown to the rater who asks, and
 * says what a set of it would be. With `folder` the files of the cases are put down there.
 */
export async function planSet(
  parts: SetParts,
  rater: Rater,
  request: SetRequest,
  folder: string | null,
): Promise<Result<PlannedSet>> {
  const parent = await parentPackage(parts.models, request)
  if (!parent.ok) return parent
  const { manifest } = parent.value
  const key = await splitKey(parts.store, rater, parts.randomKey)
  if (!key.ok) return key
  const left = new Map<string, number>()
  const leaveOut = (reason: string): void => void left.set(reason, (left.get(reason) ?? 0) + 1)
  const given = await subjectsFor(parts, rater, request, key.value, leaveOut)
  if (!given.ok) return given
  const keep = folder === null ? named : keepIn(folder)
  const made: MadeCase[] = []
  for (const subject of given.value.subjects) {
    const sources = { ...parts, manifest, key: key.value, keep, leaveOut }
    for await (const one of casesOf(sources, subject, made.length + 1)) {
      if (!one.ok) return one
      made.push(one.value)
      if (made.length > MOST_CASES)
        return refuse('limit-reached', `More than ${MOST_CASES} crops fit.`, {
          next: 'Choose fewer readings: by panel, rater or date.',
        })
    }
  }
  const findings = await findingsOf(parts, made, key.value, given.value.notOpen)
  if (!findings.ok) return findings
  const { split, ...found } = findings.value
  const readers = readersOf(found.cases)
  const check: SetCheck = {
    parent: parent.value.name,
    counts: countSet(found),
    readers,
    leftOut: [...left].map(([reason, count]) => ({ reason, count })),
    warnings: warningsOf(found),
    missing: missingOf(found),
    detectableGed: detectableGed(countSet(found).heldOut),
    judgedBefore: found.judgedBefore,
  }
  const set = { patients: [...found.patients], cases: [...found.cases], readers }
  const keys = given.value.subjects.map(({ found: { key: one } }) => one)
  return accept({ manifest, parent: parent.value.name, check, split, set, subjects: keys })
}

async function findingsOf(
  { store }: SetParts,
  made: readonly MadeCase[],
  key: string,
  notOpen: number,
): Promise<Result<SetFindings & { readonly split: Split }>> {
  const before = await partsBefore(store)
  if (!before.ok) return before
  const shared = sharedImages(made.map(({ glance }) => glance))
  const learned = new Set(made.filter(({ isLearned }) => isLearned).map(({ glance }) => glance.patientId))
  const people = asPeople(
    made.map(({ glance }) => glance.patientId),
    shared,
  )
  const share = (patientId: string): number => shareOf(key, patientId)
  const split = splitPatients({ people, before: before.value, learned, share })
  const cases = made.map((one) => one.made).filter(({ patientId }) => split.parts.has(patientId))
  const patients = foldPatients(split.parts, share)
  const heldOut = patients.filter(({ part }) => part === 'heldOut').map(({ patientId }) => patientId)
  const judged = await judgedBefore(store, heldOut)
  if (!judged.ok) return judged
  const { conflicts } = split
  return accept({ cases, patients, shared, conflicts, learned, notOpen, judgedBefore: judged.value, split })
}

/** The open subjects of the modality with readings, in the order of their keys; how many with readings are not open. */
async function subjectsFor(
  parts: SetParts,
  rater: Rater,
  { modality, filter }: SetRequest,
  key: string,
  leaveOut: (reason: string) => void,
): Promise<Result<{ readonly subjects: readonly SubjectReadings[]; readonly notOpen: number }>> {
  const { library, subjects, disclosure } = parts
  const withheld = await disclosure.withheldOfAll(rater)
  if (!withheld.ok) return withheld
  const { series, images } = library.current()
  const open: Subject[] =
    modality === 'CT'
      ? series
          .filter((one) => modelModality(one.modality) === modality)
          .map((one) => seriesSubject(one.seriesUid))
      : images.map(({ imageId }) => imageSubject(imageId))
  const found: SubjectReadings[] = []
  const keys = new Set<string>()
  for (const subject of open) {
    const at = await subjects.find(subject)
    if (!at.ok) {
      leaveOut(`an image that cannot be read: ${at.refusal.reason}`)
      continue
    }
    if (keys.has(at.value.key)) continue
    keys.add(at.value.key)
    const read = await readingsFor(parts, subject, at.value, filter, key, leaveOut)
    if (!read.ok) return read
    if (read.value.readings.length === 0) continue
    if (withheld.value(at.value.key) === null) found.push(read.value)
    else leaveOut('an image that is still withheld from you')
  }
  const notOpen = await countNotOpen(parts, modality === 'CT' ? 'series:' : 'image:', keys)
  if (!notOpen.ok) return notOpen
  return accept({
    subjects: found.toSorted((a, b) => (a.found.key < b.found.key ? -1 : 1)),
    notOpen: notOpen.value,
  })
}

/** Images with committed readings that are not among the open ones. */
async function countNotOpen(
  { store }: SetParts,
  prefix: string,
  open: ReadonlySet<string>,
): Promise<Result<number>> {
  const raters = await store.raters()
  if (!raters.ok) return raters
  const closed = new Set<string>()
  for (const { raterId } of raters.value) {
    const attempts = await store.attemptsOfRater(raterId)
    if (!attempts.ok) return attempts
    for (const { subject, state } of attempts.value)
      if (state !== 'draft' && subject.startsWith(prefix) && !open.has(subject)) closed.add(subject)
  }
  return accept(closed.size)
}

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

/** A dry run: what the file would be, and no file. */
const named: KeepFile = (file, bytes) => Promise.resolve({ file, sha256: sha256(bytes) })

const keepIn =
  (folder: string): KeepFile =>
  async (file, bytes) => {
    const path = join(folder, file)
    await mkdir(dirname(path), { recursive: true, mode: FOLDER_MODE })
    await writeFile(path, bytes, { mode: FILE_MODE })
    return { file, sha256: sha256(bytes) }
  }

/** Puts a set in its place, whole: what was laid down beside it is renamed last. */
export async function freeze(beside: string, place: string, set: TrainingSet): Promise<void> {
  const kept = new Set(set.cases.map(({ caseId }) => caseId))
  await writeFile(join(beside, 'set.json'), `${JSON.stringify(set, null, 1)}\n`, { mode: FILE_MODE })
  await dropOthers(beside, kept)
  await rename(beside, place)
}

async function dropOthers(folder: string, kept: ReadonlySet<string>): Promise<void> {
  for (const name of await readdir(folder))
    if (name.startsWith('case-') && !kept.has(name))
      await rm(join(folder, name), { recursive: true, force: true })
}
