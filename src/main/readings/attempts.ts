import { setImmediate as turn } from 'node:timers/promises'
import { accept, refuse } from '../../contract'
import type {
  Acknowledged,
  Attempt,
  AttemptDetail,
  CommitAttempt,
  DocumentEdit,
  JournalEntry,
  JournalPage,
  NewEntry,
  OpenAttempt,
  OwnAttempts,
  Rater,
  Result,
  ShownOverlay,
  SingleEdit,
  Subject,
} from '../../contract'
import { editNow, withInstances } from '../../core/annotation/drawn-slices'
import { canonicalPieces } from '../../core/annotation/canonical-json'
import {
  type AnnotationDocument,
  drawnInSteps,
  fromDrawnInSteps,
  readyToCommit,
} from '../../core/annotation/document'
import type { StoredAttempt, StoredPanel } from '../workspace/store'
import type { StoreCalls } from '../workspace/store-calls'
import { atRevision } from '../workspace/stored-attempts'
import { entryAway, type ReadingsWorkerPath } from './away'
import type { Disclosure } from './disclosure'
import { digestOf, type Documents } from './documents'
import { admitInPieces, boundedGesture } from './in-pieces'
import { givingWay, inSlices } from './in-slices'
import { apartFromPanels, placeInPanel, sameTaskAs } from './place-in-panel'
import type { Subjects } from './subjects'

export interface AttemptParts {
  readonly store: StoreCalls
  readonly subjects: Subjects
  readonly documents: Documents
  readonly disclosure: Disclosure
  /** What takes long with readings is done there. */
  readonly readingsWorkerPath: ReadingsWorkerPath
}

/** The attempts of one rater: opening, appending gestures, committing. Nobody sees or changes another's. */
export function createAttempts(parts: AttemptParts): {
  readonly open: (rater: Rater, request: OpenAttempt) => Promise<Result<AttemptDetail>>
  readonly detail: (rater: Rater, attemptId: string) => Promise<Result<AttemptDetail>>
  readonly own: (rater: Rater, subject: Subject) => Promise<Result<OwnAttempts>>
  readonly append: (rater: Rater, attemptId: string, entry: NewEntry) => Promise<Result<Acknowledged>>
  /** A gesture as it was sent. */
  readonly readEntry: (bytes: Uint8Array) => Promise<Result<NewEntry>>
  readonly entries: (rater: Rater, attemptId: string, after: number) => Promise<Result<JournalPage>>
  readonly commit: (rater: Rater, attemptId: string, request: CommitAttempt) => Promise<Result<Attempt>>
  readonly lock: (rater: Rater, attemptId: string) => Promise<Result<Attempt>>
  readonly shown: (rater: Rater, attemptId: string, overlay: ShownOverlay) => Promise<Result<null>>
} {
  const { store } = parts
  const inTurn = createTurns()
  const own = (rater: Rater, attemptId: string): Promise<Result<StoredAttempt>> =>
    ownAttempt(store, rater, attemptId)
  return {
    open: (rater, request) => openAttempt(parts, rater, request),
    detail: async (rater, attemptId) => {
      const stored = await readable(parts, rater, attemptId)
      return stored.ok ? detailOf(parts, stored.value) : stored
    },
    own: (rater, subject) => ownAttempts(parts, rater, subject),
    append: async (rater, attemptId, entry) => {
      const stored = await own(rater, attemptId)
      if (!stored.ok) return stored
      return inTurn(attemptId, () => append(parts, attemptId, entry))
    },
    readEntry: (bytes) => entryAway(parts.readingsWorkerPath, bytes),
    entries: async (rater, attemptId, after) => {
      const stored = await readable(parts, rater, attemptId)
      if (!stored.ok) return stored
      const folded = await parts.documents.fold(stored.value)
      if (!folded.ok) return folded
      const missing = folded.value.entries.filter(({ revision }) => revision > after)
      return accept({ entries: await named(parts, stored.value, missing) })
    },
    commit: async (rater, attemptId, request) => {
      const stored = await own(rater, attemptId)
      if (!stored.ok) return stored
      return inTurn(attemptId, () => commit(parts, stored.value, request))
    },
    lock: async (rater, attemptId) => {
      const stored = await own(rater, attemptId)
      if (!stored.ok) return stored
      const locked = await store.lock(attemptId, rater.raterId)
      return locked.ok ? publicAttempt(parts, locked.value) : locked
    },
    shown: async (rater, attemptId, overlay) => {
      const stored = await own(rater, attemptId)
      return stored.ok ? store.expose(rater.raterId, stored.value.subject, overlay) : stored
    },
  }
}
export type Attempts = ReturnType<typeof createAttempts>

/** Refused alike whether the attempt is another's or is not there: its being there is a secret too. */
async function ownAttempt(
  store: StoreCalls,
  rater: Rater,
  attemptId: string,
): Promise<Result<StoredAttempt>> {
  const stored = await store.attempt(attemptId)
  if (stored.ok && stored.value.raterId === rater.raterId) return stored
  if (!stored.ok && stored.refusal.code !== 'not-found') return stored
  return refuse('not-found', `You have no attempt ${attemptId}.`, { next: 'Open the case again.' })
}

/** An own attempt whose drawing may be looked at: while a hidden repeat is read, the first reading may not. */
async function readable(
  parts: AttemptParts,
  rater: Rater,
  attemptId: string,
): Promise<Result<StoredAttempt>> {
  const stored = await ownAttempt(parts.store, rater, attemptId)
  if (!stored.ok || stored.value.state === 'draft') return stored
  const withheld = await parts.disclosure.ownWithheld(rater, stored.value.subject)
  if (!withheld.ok) return withheld
  if (!withheld.value) return stored
  return refuse('blind', 'What you committed here before is not shown while you read this image again.', {
    next: 'Commit the reading that is open.',
  })
}

async function openAttempt(
  parts: AttemptParts,
  rater: Rater,
  { subject, blind, panelId }: OpenAttempt,
): Promise<Result<AttemptDetail>> {
  const { store, subjects } = parts
  const found = await subjects.find(subject)
  if (!found.ok) return found
  const { key, widthPx, heightPx } = found.value
  const place = await placeInPanel(store, rater, panelId, key)
  if (!place.ok) return place
  const apart = panelId === null ? await apartFromPanels(parts, rater, key) : accept(null)
  if (!apart.ok) return apart
  const stored = await store.openAttempt({
    subject: key,
    raterId: rater.raterId,
    panelId,
    casePosition: place.value?.position ?? null,
    blind: place.value?.blind ?? blind,
    widthPx,
    heightPx,
  })
  if (!stored.ok) return stored
  if (stored.value.widthPx !== widthPx || stored.value.heightPx !== heightPx)
    return refuse(
      'annotation-mismatch',
      `The attempt was drawn on ${stored.value.widthPx} × ${stored.value.heightPx} pixels, the image has ${widthPx} × ${heightPx}.`,
      { next: 'Open the image that it was drawn on.' },
    )
  return detailOf(parts, stored.value)
}

/** An attempt as its rater sees it. */
export async function publicAttempt(parts: AttemptParts, stored: StoredAttempt): Promise<Result<Attempt>> {
  // After a start no photograph is known by its pixels before somebody has asked for it.
  if ((await parts.subjects.subjectOf(stored.subject)) === null) await parts.subjects.locate([stored.subject])
  const subject = await parts.subjects.subjectOf(stored.subject)
  if (subject === null)
    return refuse('not-found', 'The photograph of this attempt is not open.', {
      next: 'Open the folder that holds it; the reading is kept.',
    })
  const exposures = await parts.store.exposures(stored.raterId, stored.subject)
  if (!exposures.ok) return exposures
  const { attemptId, panelId, casePosition, raterId, number, state, blind, openedAt, committedAt } = stored
  const { revision, digest, readingMs, slicesSeen } = stored
  return accept({
    ...{ attemptId, panelId, casePosition, raterId, number, state, blind, openedAt, committedAt },
    ...{ revision, digest, readingMs, slicesSeen },
    subject,
    exposures: exposures.value.filter(({ at }) => committedAt === null || at <= committedAt),
  })
}

/** Entries as they go out: with the slices that they mean. */
async function named(
  { subjects }: AttemptParts,
  { subject }: StoredAttempt,
  entries: readonly JournalEntry[],
): Promise<JournalEntry[]> {
  const slices = await subjects.slicesOf(subject)
  return entries.map((entry) => ({ ...entry, edit: withInstances(entry.edit, slices) }))
}

async function detailOf(parts: AttemptParts, stored: StoredAttempt): Promise<Result<AttemptDetail>> {
  const folded = await parts.documents.fold(stored)
  if (!folded.ok) return folded
  const attempt = await publicAttempt(parts, { ...stored, revision: folded.value.revision })
  if (!attempt.ok) return attempt
  return accept({
    attempt: attempt.value,
    widthPx: stored.widthPx,
    heightPx: stored.heightPx,
    entries: await named(parts, stored, folded.value.entries),
  })
}

async function ownAttempts(
  parts: AttemptParts,
  rater: Rater,
  subject: Subject,
): Promise<Result<OwnAttempts>> {
  const key = await parts.subjects.keyOf(subject)
  if (!key.ok) return key
  const stored = await parts.store.attemptsOfSubject(key.value)
  if (!stored.ok) return stored
  const withheld = await parts.disclosure.withheld(rater, key.value)
  if (!withheld.ok) return withheld
  const ownWithheld = await parts.disclosure.ownWithheld(rater, key.value)
  if (!ownWithheld.ok) return ownWithheld
  const attempts: Attempt[] = []
  for (const one of stored.value) {
    if (one.raterId !== rater.raterId || (ownWithheld.value && one.state !== 'draft')) continue
    const attempt = await publicAttempt(parts, one)
    if (!attempt.ok) return attempt
    attempts.push(attempt.value)
  }
  // While something is withheld nobody is told: a case that was shown, and comes again, would be known by it.
  if (withheld.value !== null) return accept({ attempts, withheld: withheld.value, wasShown: false })
  const shown = await parts.store.exposures(rater.raterId, key.value)
  return shown.ok ? accept({ attempts, withheld: null, wasShown: shown.value.length > 0 }) : shown
}

async function append(
  parts: AttemptParts,
  attemptId: string,
  entry: NewEntry,
): Promise<Result<Acknowledged>> {
  const { store, documents } = parts
  const stored = await store.attempt(attemptId)
  if (!stored.ok) return stored
  const folded = await documents.fold(stored.value)
  if (!folded.ok) return folded
  const repeated = folded.value.entries.some(({ entryId }) => entryId === entry.entryId)
  // A stale revision and a fixed attempt are the store's to refuse; what is checked here is a gesture on the document
  // it was made on.
  const isDraft = stored.value.state === 'draft'
  const slices = await parts.subjects.slicesOf(stored.value.subject)
  let { edit } = entry
  if (!repeated && isDraft && entry.expectedRevision === folded.value.revision) {
    const bounded = boundedGesture(edit)
    if (!bounded.ok) return bounded
    const here = editNow(edit, slices)
    if (!here.ok) return here
    edit = here.value
    const fits = await admitInPieces(folded.value.document, folded.value.entries, { ...entry, edit })
    if (!fits.ok) return fits
    const placed = await onItsSlices(parts, stored.value, edit)
    if (!placed.ok) return placed
    const allowed = await mayStartFrom(store, stored.value, entry.edit)
    if (!allowed.ok) return allowed
  }
  // Handing a large gesture to the store's thread takes some milliseconds of its own.
  await turn()
  const written = await store.append(attemptId, {
    ...entry,
    edit: slices === null ? entry.edit : withInstances(edit, slices),
  })
  if (!written.ok) return written
  return accept({ revision: written.value.revision, at: written.value.at })
}

const singles = (edit: DocumentEdit): readonly SingleEdit[] => (edit.kind === 'several' ? edit.edits : [edit])

/** A gesture on a slice that the image does not have would be kept and never seen. */
async function onItsSlices(
  { subjects }: AttemptParts,
  attempt: StoredAttempt,
  edit: DocumentEdit,
): Promise<Result<null>> {
  const subject = await subjects.subjectOf(attempt.subject)
  const found = subject === null ? null : await subjects.find(subject)
  // What is not open now was checked when the attempt was opened; its work is kept all the same.
  if (found?.ok !== true) return accept(null)
  const count = found.value.detail?.slices.length ?? 1
  const beyond = singles(edit)
    .flatMap((one) => (one.kind === 'paint' ? one.slices : []))
    .find(({ sliceIndex }) => sliceIndex >= count)
  if (beyond === undefined) return accept(null)
  return refuse(
    'request-invalid',
    `The slice with index ${beyond.sliceIndex} is beyond the ${count} of this image.`,
  )
}

/** An outline started from a sample or a peer is no blind reading, and a panel may rule it out for all. */
async function mayStartFrom(
  store: StoreCalls,
  attempt: StoredAttempt,
  edit: DocumentEdit,
): Promise<Result<null>> {
  const starts = singles(edit).some((one) => one.kind === 'paint' && one.origin?.to != null)
  if (!starts) return accept(null)
  const panel = await panelOf(store, attempt)
  if (!panel.ok) return panel
  const isForbidden = panel.value?.protocol.startFromModel === false
  if (attempt.blind)
    return refuse('blind', 'A blind reading is drawn by hand: it is not started from a model or a peer.', {
      next: isForbidden ? 'Draw it by hand.' : 'Commit it; a second attempt may start from a sample.',
    })
  if (panel.value === null || !isForbidden) return accept(null)
  return refuse('not-allowed', `The panel ${panel.value.name} starts no outline from a model or a peer.`, {
    next: 'Draw it by hand.',
  })
}

async function panelOf(store: StoreCalls, { panelId }: StoredAttempt): Promise<Result<StoredPanel | null>> {
  if (panelId === null) return accept(null)
  const panels = await store.panels()
  return panels.ok ? accept(panels.value.find((one) => one.panelId === panelId) ?? null) : panels
}

async function commit(
  parts: AttemptParts,
  stored: StoredAttempt,
  request: CommitAttempt,
): Promise<Result<Attempt>> {
  const folded = await parts.documents.fold(stored)
  if (!folded.ok) return folded
  if (stored.state === 'draft') {
    // The digest is of the document that was folded; the store fixes it only where that revision still is the last one.
    const expected = atRevision(folded.value, request.expectedRevision)
    if (!expected.ok) return expected
    const panel = await panelOf(parts.store, stored)
    if (!panel.ok) return panel
    const told = await sameTaskAs(parts.store, stored, request.wordsAt ?? stored.openedAt)
    if (!told.ok) return told
    const ready = readyToCommit(folded.value.document, panel.value?.words.labels ?? [])
    if (!ready.ok) return ready
  }
  if (!(await readsBackEqual(folded.value.document)))
    return refuse('annotation-damaged', 'The reading does not read back as it was drawn.', {
      next: 'Nothing was committed. Save a copy and report it.',
    })
  const digest = await digestOf(folded.value)
  const committed = await parts.store.commit({ ...request, attemptId: stored.attemptId, digest })
  return committed.ok ? publicAttempt(parts, committed.value) : committed
}

/** What is fixed is what will be shown and exported: it reads back equal, or is not fixed. */
async function readsBackEqual(document: AnnotationDocument): Promise<boolean> {
  const drawn = await inSlices(drawnInSteps(document))
  const again = await inSlices(fromDrawnInSteps(drawn))
  if (!again.ok) return false
  const fixed = canonicalPieces(drawn)
  const giveWay = givingWay()
  for (const piece of canonicalPieces(await inSlices(drawnInSteps(again.value)))) {
    if (fixed.next().value !== piece) return false
    await giveWay()
  }
  return fixed.next().done === true
}

/** One after another for each key: a gesture is checked and written before the next is looked at. */
function createTurns(): <T>(key: string, work: () => Promise<T>) => Promise<T> {
  const last = new Map<string, Promise<unknown>>()
  return (key, work) => {
    const turn = (last.get(key) ?? Promise.resolve()).then(work, work)
    const settled = turn.catch(() => undefined)
    last.set(key, settled)
    void settled.then(() => {
      if (last.get(key) === settled) last.delete(key)
    })
    return turn
  }
}
