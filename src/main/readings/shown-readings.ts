import { accept } from '../../contract'
import type { Answer, Rater, ReadingSet, Result, Subject } from '../../contract'
import { isBlindReading } from '../../core/annotation/blinding'
import { inCountingOrder } from '../../core/annotation/counting-order'
import { drawnInSteps, emptyDocument } from '../../core/annotation/document'
import { originStartsInSteps } from '../../core/annotation/journal'
import { peerNumbers } from '../../core/annotation/panel-order'
import { decodeBoxMask } from '../../core/contour/box-mask'
import type { ReadingService } from '../library/library-service'
import type { StoredAttempt } from '../workspace/store'
import type { AttemptParts } from './attempts'
import { outlinesOf } from './attempt-outlines'
import { importsAway } from './away'
import { inSlices } from './in-slices'
import type { OwnedImport } from './imported-reading'
import type { ShownReading } from './shown-reading'

const OUTLINED: Answer = { verdict: 'outlined', reason: '', confidence: null, comment: '' }
const NOTHING: Answer = { ...OUTLINED, verdict: 'nothing' }

/**
 * All that may be shown of a subject once it is not withheld: every committed attempt of the rater who asks, each
 * peer's first in the order in which they count, and what came in from files. The rater's first is "You", which counts.
 */
export async function shownReadings(
  parts: AttemptParts & { readonly readings: ReadingService },
  rater: Rater,
  subject: Subject,
  key: string,
): Promise<Result<readonly ShownReading[]>> {
  const { store } = parts
  const stored = await store.attemptsOfSubject(key)
  if (!stored.ok) return stored
  const committed = stored.value.filter(({ state }) => state !== 'draft')
  const own = await ownOf(parts, rater, committed)
  if (!own.ok) return own
  const shown = [...own.value]
  const peers = await peersOf(parts, rater, key, committed)
  if (!peers.ok) return peers
  shown.push(...peers.value)
  const imports = await importsFor(parts, rater, key)
  if (!imports.ok) return imports
  const found = await parts.subjects.find(subject)
  const slicesNow = found.ok ? (found.value.detail?.slices ?? null) : null
  const brought = await importsAway(parts.readingsWorkerPath, imports.value, slicesNow)
  if (!brought.ok) return brought
  shown.push(...brought.value)
  const set = parts.readings.of(subject)
  return accept(set === null ? shown : [...shown, ...broughtIn(set)])
}

/**
 * Readings from files belong to whoever brought them in: shown to that rater, to the owner, and to all once the owner
 * counts them. In a panel none enters the figures before that (decision 0075).
 */
async function importsFor(
  { store }: AttemptParts,
  rater: Rater,
  key: string,
): Promise<Result<readonly OwnedImport[]>> {
  const imports = await store.importsOfSubject(key)
  if (!imports.ok) return imports
  const cases = await store.casesOfSubject(key)
  if (!cases.ok) return cases
  const inPanel = cases.value.length > 0
  return accept(
    imports.value.flatMap((one) => {
      const isOwn = one.importedBy === rater.raterId
      if (one.withdrawn || !(isOwn || one.counted || rater.role === 'owner')) return []
      const counts = inPanel ? one.counted : true
      return [{ ...one, facts: { importId: one.importId, isOwn, counts, inPanel } }]
    }),
  )
}

/** What the rater committed on the subject, unless a hidden repeat of it is still to be read. */
export async function ownReadings(
  parts: AttemptParts,
  rater: Rater,
  key: string,
): Promise<Result<readonly ShownReading[]>> {
  const ownWithheld = await parts.disclosure.ownWithheld(rater, key)
  if (!ownWithheld.ok) return ownWithheld
  if (ownWithheld.value) return accept([])
  const stored = await parts.store.attemptsOfSubject(key)
  if (!stored.ok) return stored
  return ownOf(
    parts,
    rater,
    stored.value.filter(({ state }) => state !== 'draft'),
  )
}

async function ownOf(
  parts: AttemptParts,
  rater: Rater,
  committed: readonly StoredAttempt[],
): Promise<Result<ShownReading[]>> {
  const shown: ShownReading[] = []
  const own = inCountingOrder(committed.filter(({ raterId }) => raterId === rater.raterId))
  for (const [index, attempt] of own.entries()) {
    const reading = await readingOfAttempt(parts, attempt, 'own', nameOfOwn(index, attempt, own[0]))
    if (!reading.ok) return reading
    shown.push(reading.value)
  }
  return accept(shown)
}

/** A private reading beside a panel's is named as such: it carries the same number as the one that counts. */
function nameOfOwn(index: number, { panelId }: StoredAttempt, counts: StoredAttempt | undefined): string {
  if (index === 0) return 'You'
  const isBeside = panelId === null && counts?.panelId !== null
  return `You, attempt ${index + 1}${isBeside ? ', not in the panel' : ''}`
}

async function peersOf(
  parts: AttemptParts,
  rater: Rater,
  key: string,
  committed: readonly StoredAttempt[],
): Promise<Result<ShownReading[]>> {
  const first = new Map<string, StoredAttempt>()
  for (const attempt of inCountingOrder(committed))
    if (attempt.raterId !== rater.raterId && !first.has(attempt.raterId)) first.set(attempt.raterId, attempt)
  const panels = await parts.store.panels()
  if (!panels.ok) return panels
  const panelId = [...first.values()].find((one) => one.panelId !== null)?.panelId ?? null
  const panel = panels.value.find((one) => one.panelId === panelId)
  // All peers of the panel are numbered, also those who have not committed: a number stays when another one comes.
  const others = (panel?.raterIds ?? []).filter((raterId) => raterId !== rater.raterId)
  const numbers = peerNumbers({
    seed: panel?.protocol.seed ?? 0,
    subject: key,
    raterId: rater.raterId,
    peerIds: [...others, ...first.keys()],
  })
  const shown: { readonly number: number; readonly reading: ShownReading }[] = []
  for (const [raterId, attempt] of first) {
    const number = numbers.get(raterId) ?? 0
    const reading = await readingOfAttempt(parts, attempt, 'peer', `Peer ${number}`)
    if (!reading.ok) return reading
    shown.push({ number, reading: reading.value })
  }
  return accept(shown.toSorted((a, b) => a.number - b.number).map(({ reading }) => reading))
}

/** A committed attempt as it is shown under a name. */
export async function readingOfAttempt(
  { store, documents }: AttemptParts,
  attempt: StoredAttempt,
  source: 'own' | 'peer',
  name: string,
): Promise<Result<ShownReading>> {
  const folded = await documents.fold(attempt)
  if (!folded.ok) return folded
  const exposures = await store.exposures(attempt.raterId, attempt.subject)
  if (!exposures.ok) return exposures
  const { document, entries } = folded.value
  const blank = emptyDocument(attempt.widthPx, attempt.heightPx)
  const starts = await inSlices(originStartsInSteps(blank, entries))
  const drawn = await inSlices(drawnInSteps(document, starts.ok ? starts.value : undefined))
  const structures: ShownReading['structures'][number][] = []
  for (const { label, origin, slices } of drawn.structures)
    structures.push({ label, origin, outlines: await outlinesOf(slices) })
  return accept({
    readingId: attempt.attemptId,
    source,
    name,
    attempt,
    blind: isBlindReading(attempt, exposures.value),
    answer: drawn.answer,
    structures,
  })
}

/** Readings that lie beside the image, one a letter: what that reader drew of each structure. */
function broughtIn({ structures }: ReadingSet): ShownReading[] {
  const letters = [
    ...new Set(structures.flatMap(({ readings }) => readings.map(({ letter }) => letter))),
  ].toSorted()
  return letters.map((letter) => {
    const drawn = structures.flatMap(({ label, readings }) =>
      readings
        .filter((one) => one.letter === letter && !one.empty)
        .map(({ slices }) => ({
          label,
          origin: null,
          outlines: slices.map(({ sliceIndex, mask }) => ({ sliceIndex, placed: decodeBoxMask(mask) })),
        })),
    )
    return {
      readingId: `imported-${letter}`,
      source: 'imported',
      name: `Reader ${letter}`,
      attempt: null,
      blind: false,
      answer: drawn.length === 0 ? NOTHING : OUTLINED,
      structures: drawn,
    }
  })
}
