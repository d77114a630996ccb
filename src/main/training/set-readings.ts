import { createHmac } from 'node:crypto'
import { accept } from '../../contract'
import type { Result, SetFilter, Subject } from '../../contract'
import { inCountingOrder } from '../../core/annotation/counting-order'
import { exposuresBefore } from '../../core/annotation/exposure'
import { drawnInSteps } from '../../core/annotation/document'
import type { SliceOutline } from '../../core/measures/voxel-block'
import { outlinesOf } from '../readings/attempt-outlines'
import type { Documents } from '../readings/documents'
import { readImport } from '../readings/imported-reading'
import { inSlices } from '../readings/in-slices'
import type { FoundSubject } from '../readings/subjects'
import type { StoredAttempt, StoredRater } from '../workspace/store'
import type { StoreCalls } from '../workspace/store-calls'

/** One rater's answer for a subject, as far as a set asks. */
export interface SubjectReading {
  readonly rater: string
  readonly attemptId: string
  readonly revision: number
  /** Empty: looked, and there is nothing. */
  readonly structures: readonly (readonly SliceOutline[])[]
}

export interface SubjectReadings {
  readonly subject: Subject
  readonly found: FoundSubject
  readonly readings: readonly SubjectReading[]
}

/** Counts what a set leaves out, by the reason in words. */
export type LeaveOut = (reason: string) => void

export interface ReadingSources {
  readonly store: StoreCalls
  readonly documents: Documents
}

/** A name that says nothing, the same in one workspace: for readers of files, and for patients. */
export const pseudonymOf = (key: string, name: string, letter: string): string =>
  `${letter}-${createHmac('sha256', key).update(name).digest('hex').slice(0, 12)}`

/** Who is asked, from when to when, of which panel: everything but the structure. */
const isAsked = (
  filter: SetFilter,
  { rater, panelId, at }: { readonly rater: string; readonly panelId: string | null; readonly at: string },
): boolean =>
  (filter.raters.length === 0 || filter.raters.includes(rater)) &&
  (filter.panels.length === 0 || (panelId !== null && filter.panels.includes(panelId))) &&
  (filter.from === null || at >= filter.from) &&
  (filter.to === null || at <= filter.to)

/** The readings of an open subject that the filter asks for: of each rater the first, and what came in from files. */
export async function readingsFor(
  { store, documents }: ReadingSources,
  subject: Subject,
  found: FoundSubject,
  filter: SetFilter,
  key: string,
  leaveOut: LeaveOut,
): Promise<Result<SubjectReadings>> {
  const attempts = await store.attemptsOfSubject(found.key)
  if (!attempts.ok) return attempts
  const raters = await store.raters()
  if (!raters.ok) return raters
  const readings: SubjectReading[] = []
  for (const attempt of firstOfEach(attempts.value, filter.status, leaveOut)) {
    const read = await ofAttempt({ store, documents }, attempt, raters.value, found, filter, leaveOut)
    if (!read.ok) return read
    if (read.value !== null) readings.push(read.value)
  }
  const imports = await store.importsOfSubject(found.key)
  if (!imports.ok) return imports
  for (const one of imports.value) {
    const rater = pseudonymOf(key, one.reader, 'F')
    if (one.withdrawn || !isAsked(filter, { rater, panelId: null, at: one.importedAt })) continue
    const facts = { importId: one.importId, isOwn: true, counts: one.counted, inPanel: false }
    const read = readImport({ ...one, facts }, found.detail?.slices ?? null)
    if (!read.ok) {
      leaveOut('a reading from a file that cannot be read')
      continue
    }
    const structures = asked(read.value.structures, filter)
    readings.push({ rater, attemptId: one.importId, revision: 0, structures })
  }
  return accept({ subject, found, readings })
}

/** Of each rater one reading, as in figures. */
function firstOfEach(
  attempts: readonly StoredAttempt[],
  status: SetFilter['status'],
  leaveOut: LeaveOut,
): readonly StoredAttempt[] {
  const first = new Map<string, StoredAttempt>()
  for (const attempt of inCountingOrder(attempts)) {
    if (status === 'committed' && attempt.state === 'draft') leaveOut('a reading that is not committed')
    else if (first.has(attempt.raterId)) leaveOut('a later attempt of the same rater')
    else first.set(attempt.raterId, attempt)
  }
  return [...first.values()]
}

async function ofAttempt(
  { store, documents }: ReadingSources,
  attempt: StoredAttempt,
  raters: readonly StoredRater[],
  found: FoundSubject,
  filter: SetFilter,
  leaveOut: LeaveOut,
): Promise<Result<SubjectReading | null>> {
  const rater = raters.find(({ raterId }) => raterId === attempt.raterId)?.pseudonym ?? attempt.raterId
  const at = attempt.committedAt ?? attempt.openedAt
  if (!isAsked(filter, { rater, panelId: attempt.panelId, at })) return accept(null)
  if (attempt.widthPx !== found.widthPx || attempt.heightPx !== found.heightPx) {
    leaveOut('a reading whose masks have another size than the image')
    return accept(null)
  }
  const folded = await documents.fold(attempt)
  if (!folded.ok) {
    leaveOut('a reading that is not what its commit fixed, or whose slices are not open')
    return accept(null)
  }
  const drawn = await inSlices(drawnInSteps(folded.value.document))
  if (drawn.answer.verdict === 'cannot-judge') {
    leaveOut('a reader who could not judge')
    return accept(null)
  }
  const exposures = await store.exposures(attempt.raterId, attempt.subject)
  if (!exposures.ok) return exposures
  const sawModel = exposuresBefore(exposures.value, attempt.committedAt).some(({ kind }) => kind === 'model')
  if (filter.withoutModelShown === true && sawModel) {
    leaveOut('a reading made after the model had been shown')
    return accept(null)
  }
  const structures: { readonly label: string; readonly outlines: readonly SliceOutline[] }[] = []
  for (const { label, slices } of drawn.structures)
    structures.push({ label, outlines: await outlinesOf(slices) })
  return accept({
    rater,
    attemptId: attempt.attemptId,
    revision: folded.value.revision,
    structures: asked(structures, filter),
  })
}

const asked = (
  structures: readonly { readonly label: string; readonly outlines: readonly SliceOutline[] }[],
  { structures: labels }: SetFilter,
): readonly (readonly SliceOutline[])[] =>
  structures
    .filter(({ label }) => labels.length === 0 || labels.includes(label))
    .map(({ outlines }) => outlines)
