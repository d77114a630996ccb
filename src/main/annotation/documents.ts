import { accept } from '../../contract'
import type { JournalEntry, Result } from '../../contract'
import { emptyDocument, type AnnotationDocument } from '../../core/annotation/document'
import { foldJournal } from '../../core/annotation/journal'
import type { StoredAttempt, WorkspaceStore } from '../workspace/store'

/** An attempt's journal and what it gives, folded as far as it was read. */
export interface FoldedAttempt {
  readonly revision: number
  readonly document: AnnotationDocument
  readonly entries: readonly JournalEntry[]
}

/** Attempts whose documents are kept folded. A document is masks of one image: a few megabytes at most. */
const KEPT = 32

/**
 * Folds journals and keeps the last ones, so that a gesture is checked against the document it was made on without
 * reading the journal again. Another process may have written meanwhile: what is missing is read before each answer.
 */
export function createDocuments(store: WorkspaceStore): {
  readonly fold: (attempt: StoredAttempt) => Promise<Result<FoldedAttempt>>
} {
  const kept = new Map<string, FoldedAttempt>()

  async function fold(attempt: StoredAttempt): Promise<Result<FoldedAttempt>> {
    const { attemptId, widthPx, heightPx } = attempt
    const known = kept.get(attemptId) ?? {
      revision: 0,
      document: emptyDocument(widthPx, heightPx),
      entries: [],
    }
    const missing = await store.entries(attemptId, known.revision)
    if (!missing.ok) return missing
    const folded = foldOn(known, missing.value)
    if (!folded.ok) return folded
    kept.delete(attemptId)
    kept.set(attemptId, folded.value)
    const [oldest] = kept.keys()
    if (kept.size > KEPT && oldest !== undefined) kept.delete(oldest)
    return folded
  }

  return { fold }
}
export type Documents = ReturnType<typeof createDocuments>

function foldOn(folded: FoldedAttempt, entries: readonly JournalEntry[]): Result<FoldedAttempt> {
  const document = foldJournal(folded.document, entries, folded.revision)
  if (!document.ok) return document
  return accept({
    document: document.value,
    revision: entries.at(-1)?.revision ?? folded.revision,
    entries: entries.length === 0 ? folded.entries : [...folded.entries, ...entries],
  })
}
