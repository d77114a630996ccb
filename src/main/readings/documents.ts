import { createHash } from 'node:crypto'
import { setImmediate as turn } from 'node:timers/promises'
import { accept, refuse } from '../../contract'
import type { JournalEntry, Result, Slice } from '../../contract'
import { documentPieces, emptyDocument, type AnnotationDocument } from '../../core/annotation/document'
import { apartFromSeries, type DrawnSlices, entriesNow } from '../../core/annotation/drawn-slices'
import { foldInPieces } from './in-pieces'
import { givingWay } from './in-slices'
import type { StoredAttempt, SubjectKey } from '../workspace/store'
import type { StoreCalls } from '../workspace/store-calls'

/** An attempt's journal and what it gives, folded as far as it was read. */
export interface FoldedAttempt {
  readonly revision: number
  readonly document: AnnotationDocument
  /** With the numbers of slices as the series is open now. */
  readonly entries: readonly JournalEntry[]
  /** Which slices the numbers stand for. */
  readonly drawn: DrawnSlices
  /** The digest that the document was found to have; null: not computed yet. */
  readonly digest: string | null
}

/**
 * The digest that a commit fixes: sha256 over the document's canonical bytes, hex. Slices stand in it by their
 * instances, so that it stays the same when slices come or go.
 */
export async function digestOf({
  document,
  drawn,
}: Pick<FoldedAttempt, 'document' | 'drawn'>): Promise<string> {
  const hash = createHash('sha256')
  const giveWay = givingWay()
  for (const piece of documentPieces(apartFromSeries(document, drawn))) {
    if (piece !== undefined) hash.update(piece)
    await giveWay()
  }
  return hash.digest('hex')
}

/** Attempts whose documents are kept folded. A document is masks of one image: a few megabytes at most. */
const KEPT = 32

/**
 * Folds journals and keeps the last ones, so that a gesture is checked against the document it was made on without
 * reading the journal again. Another process may have written meanwhile: what is missing is read before each answer.
 * What is committed is given out only while it has the digest that its commit fixed, whoever asks for whatever; refused
 * with `annotation-damaged` and the reading's name where it has another.
 */
export function createDocuments(
  store: StoreCalls,
  slicesOf: (subject: SubjectKey) => Promise<readonly Slice[] | null>,
): {
  readonly fold: (attempt: StoredAttempt) => Promise<Result<FoldedAttempt>>
} {
  const kept = new Map<string, FoldedAttempt & { readonly slices: readonly Slice[] | null }>()

  async function fold(attempt: StoredAttempt): Promise<Result<FoldedAttempt>> {
    const { attemptId, widthPx, heightPx } = attempt
    const slices = await slicesOf(attempt.subject)
    const before = kept.get(attemptId)
    // Another series of slices: the numbers of all entries are others.
    const known = before?.slices === slices ? before : null
    const start: FoldedAttempt = known ?? {
      revision: 0,
      document: emptyDocument(widthPx, heightPx),
      entries: [],
      drawn: new Map(),
      digest: null,
    }
    const read = await readOn(store, attempt, start, slices)
    const folded = read.ok ? await asCommitted(attempt, read) : read
    if (!folded.ok) return folded
    kept.delete(attemptId)
    kept.set(attemptId, { ...folded.value, slices })
    const [oldest] = kept.keys()
    if (kept.size > KEPT && oldest !== undefined) kept.delete(oldest)
    return folded
  }

  return { fold }
}
export type Documents = ReturnType<typeof createDocuments>

/** Page by page: a whole journal in one message from the store's thread would be unpacked in one turn. */
async function readOn(
  store: Pick<StoreCalls, 'entries'>,
  { attemptId, revision }: StoredAttempt,
  start: FoldedAttempt,
  slices: readonly Slice[] | null,
): Promise<Result<FoldedAttempt>> {
  let folded = start
  for (;;) {
    const page = await store.entries(attemptId, folded.revision)
    if (!page.ok) return page
    const next = await foldOn(folded, page.value, slices)
    if (!next.ok || page.value.length === 0 || next.value.revision >= revision) return next
    folded = next.value
  }
}

async function foldOn(
  folded: FoldedAttempt,
  kept: readonly JournalEntry[],
  slices: readonly Slice[] | null,
): Promise<Result<FoldedAttempt>> {
  if (kept.length === 0) return accept(folded)
  // What came from another thread, its numbers, and its folding: each may take some ten milliseconds where it is large.
  await turn()
  const now = entriesNow(kept, slices)
  if (!now.ok) return now
  const { entries, drawn } = now.value
  await turn()
  const document = await foldInPieces(folded.document, entries, folded.revision)
  if (!document.ok) return document
  return accept({
    document: document.value,
    revision: entries.at(-1)?.revision ?? folded.revision,
    entries: [...folded.entries, ...entries],
    drawn: new Map([...folded.drawn, ...drawn]),
    digest: null,
  })
}

/** A draft as it is; a committed reading with its digest, computed once and compared with what the commit fixed. */
async function asCommitted(
  { attemptId, digest: fixed }: StoredAttempt,
  folded: Result<FoldedAttempt>,
): Promise<Result<FoldedAttempt>> {
  if (!folded.ok || fixed === null) return folded
  const digest = folded.value.digest ?? (await digestOf(folded.value))
  if (digest === fixed) return accept({ ...folded.value, digest })
  return refuse(
    'annotation-damaged',
    `The reading ${attemptId} is not what its commit fixed: its digest is ${digest.slice(0, 12)}…, that of the commit ${fixed.slice(0, 12)}…. It is not shown, compared or exported.`,
    { next: 'Run margin audit verify, and restore the newest good backup beside this workspace.' },
  )
}
