import {
  accept,
  Acknowledged,
  type Attempt,
  type AttemptDetail,
  type DocumentEdit,
  type HistoryLine,
  type JournalEntry,
  JournalPage,
  type NewEntry,
  notKeptOf,
  type Refusal,
  refuse,
  type Result,
} from '../../../contract'
import {
  emptyDocument,
  originFigure,
  type AnnotationDocument,
  type OriginStarts,
} from '../../../core/annotation/document'
import { applyEdit } from '../../../core/annotation/edit'
import { foldJournal, originStarts } from '../../../core/annotation/journal'
import { historyLines, redoable, redoEntry, undoable, undoEntry } from '../../../core/annotation/undo'
import { formatPlural } from '../../../core/words/numbers'
import { rebase } from '../../../core/annotation/rebase'
import { Sending } from '../../wire/sending'
import type { PageJournal } from '../../wire/unsent-journals'

/** How the journal reaches the store; the page gives HTTP, a test gives what it likes. */
export interface JournalWire {
  readonly append: (attemptId: string, entry: NewEntry) => Promise<Result<Acknowledged>>
  readonly entries: (attemptId: string, after: number) => Promise<Result<JournalPage>>
  /** A gesture as it is kept outside of this page: with the slices that it means. */
  readonly named: (edit: DocumentEdit) => DocumentEdit
}

/** What the page shows of the journal. */
export interface JournalState {
  readonly document: AnnotationDocument
  /** Dice of each structure, as it stands now, with what it was started from; drawn from nothing: none. */
  readonly diceToStart: ReadonlyMap<string, number>
  readonly history: readonly HistoryLine[]
  /** Titles of what Undo and Redo would do; null: nothing to do. */
  readonly undoTitle: string | null
  readonly redoTitle: string | null
  /** Gestures that the store has not acknowledged yet. */
  readonly unsent: number
  /** When the last gesture was acknowledged, by the store's clock. */
  readonly savedAt: string | null
  /** Why gestures do not reach the store at the moment; they are kept here and tried again. */
  readonly trouble: Refusal | null
  /** What was done to gestures that met another window's work, in words. */
  readonly notes: readonly string[]
}

export const attemptJournalId = (attemptId: string): string => `attempt/${attemptId}`

/**
 * The journal of one attempt in the page. A gesture changes the document at once and is sent at once; it counts as
 * saved when the store has acknowledged it. Gestures go one after another. What the store cannot take now stays here,
 * is tried again, and can be exported meanwhile; another window's gestures are taken in and the unsent ones made to fit.
 */
export class AttemptJournal implements PageJournal {
  readonly attemptId: string
  /** Why the entries that it was opened with give no document; null: they do. */
  readonly damage: Refusal | null
  private acknowledged: JournalEntry[]
  /** Not acknowledged, in order; the revision of each is the one it will have. */
  private unsent: JournalEntry[] = []
  private base: AnnotationDocument
  private folded: AnnotationDocument
  /** What structures were started from; null: to be read off the journal when it is asked for. */
  private starts: OriginStarts | null = null
  private savedAt: string | null
  private notes: string[] = []
  private readonly sending = new Sending(
    () => this.sendFirst(),
    () => {
      this.tell()
    },
  )
  private closed = false

  constructor(
    attempt: Attempt,
    private readonly blank: AnnotationDocument,
    entries: readonly JournalEntry[],
    private readonly wire: JournalWire,
    private changed: (state: JournalState) => void,
    private readonly newId: () => string = () => crypto.randomUUID(),
  ) {
    this.attemptId = attempt.attemptId
    this.acknowledged = [...entries]
    this.savedAt = entries.at(-1)?.at ?? null
    const folded = foldJournal(blank, entries)
    this.base = folded.ok ? folded.value : blank
    this.folded = this.base
    this.damage = folded.ok ? null : folded.refusal
  }

  get journalId(): string {
    return attemptJournalId(this.attemptId)
  }

  leftWords(unsent: number): string {
    return `${formatPlural(unsent, 'gesture')} of a reading that you left ${unsent === 1 ? 'is' : 'are'} not on disk yet`
  }

  readonly backWords = 'Go back to the reading to save a copy.'

  get document(): AnnotationDocument {
    return this.folded
  }

  state(): JournalState {
    const entries = this.entries()
    return {
      document: this.folded,
      diceToStart: this.diceToStart(),
      history: historyLines(entries),
      undoTitle: undoable(entries).at(-1)?.title ?? null,
      redoTitle: redoable(entries).at(-1)?.title ?? null,
      unsent: this.unsent.length,
      savedAt: this.savedAt,
      trouble: this.damage ?? this.sending.trouble,
      notes: this.notes,
    }
  }

  /** A finished gesture. Refused, and nothing changed, where it does not fit the document or says what is not kept. */
  add(edit: DocumentEdit): Result<null> {
    const [notKept] = notKeptOf(edit)
    if (notKept !== undefined) return refuse('request-invalid', notKept.reason)
    return this.push({ edit, undoes: null })
  }

  undo(): Result<null> {
    const entry = undoEntry(this.entries(), this.newId())
    return entry === null ? accept(null) : this.push(entry)
  }

  redo(): Result<null> {
    const entry = redoEntry(this.entries(), this.newId())
    return entry === null ? accept(null) : this.push(entry)
  }

  /** Fulfils when everything done so far is acknowledged, or sending has come to a stop. */
  async settled(): Promise<boolean> {
    await this.sending.settled()
    return this.unsent.length === 0
  }

  /** Tries again now what the store did not take. */
  tryAgain(): void {
    this.sending.tryAgain()
  }

  /** Takes in what another window wrote meanwhile: what is shown is what stands. */
  async catchUp(): Promise<void> {
    const answer = await this.takeIn()
    if (answer.ok) this.tell()
  }

  /** From now on `changed` hears of it, and first how it stands: another view, or none. */
  tellTo(changed: (state: JournalState) => void): void {
    this.changed = changed
    this.tell()
  }

  /** Everything of this attempt, to be kept as a file where the store cannot take it. */
  copy(): string {
    const entries = this.entries().map((entry) => ({ ...entry, edit: this.wire.named(entry.edit) }))
    return JSON.stringify({ attemptId: this.attemptId, entries })
  }

  close(): void {
    this.closed = true
    this.sending.close()
  }

  private entries(): readonly JournalEntry[] {
    return [...this.acknowledged, ...this.unsent]
  }

  private diceToStart(): ReadonlyMap<string, number> {
    const { structures } = this.folded
    if (structures.every(({ origin }) => origin === null)) return new Map()
    this.starts ??= startsOf(this.blank, this.entries())
    const dice = new Map<string, number>()
    for (const { structureId } of structures) {
      const figure = originFigure(this.folded, structureId, this.starts.get(structureId))
      if (figure !== null) dice.set(structureId, figure)
    }
    return dice
  }

  private push({ edit, undoes }: Pick<JournalEntry, 'edit' | 'undoes'>): Result<null> {
    const next = applyEdit(this.folded, edit)
    if (!next.ok) return next
    this.folded = next.value
    // A stroke changes no start; anything else may.
    if (undoes !== null || edit.kind !== 'paint' || edit.origin != null) this.starts = null
    const revision = this.acknowledged.length + this.unsent.length + 1
    this.unsent.push({ entryId: this.newId(), revision, at: new Date().toISOString(), edit, undoes })
    this.tell()
    this.sending.start()
    return accept(null)
  }

  private tell(): void {
    if (!this.closed) this.changed(this.state())
  }

  private sendFirst(): Promise<Result<unknown>> | null {
    const [first] = this.unsent
    return first === undefined ? null : this.send(first)
  }

  private async send(first: JournalEntry): Promise<Result<unknown>> {
    const { entryId, edit, undoes } = first
    const expectedRevision = this.acknowledged.length
    const answer = await this.wire.append(this.attemptId, { entryId, expectedRevision, edit, undoes })
    if (answer.ok) this.take(first, answer.value)
    return answer.ok || answer.refusal.code !== 'revision-conflict' ? answer : this.takeIn()
  }

  private take(entry: JournalEntry, { revision, at }: Acknowledged): void {
    this.unsent.shift()
    const known: JournalEntry = { ...entry, revision, at }
    this.acknowledged.push(known)
    const base = applyEdit(this.base, entry.edit)
    if (base.ok) this.base = base.value
    this.savedAt = at
  }

  /** Takes in what another window wrote, and makes the unsent gestures fit: nothing is dropped unsaid. */
  private async takeIn(): Promise<Result<unknown>> {
    const missed = await this.wire.entries(this.attemptId, this.acknowledged.length)
    if (!missed.ok) return missed
    const { entries } = missed.value
    const rebased = rebase(this.unsent, entries, this.base)
    if (!rebased.ok) return rebased
    const base = foldJournal(this.base, entries, this.acknowledged.length)
    if (!base.ok) return base
    const at = new Date().toISOString()
    this.base = base.value
    this.acknowledged.push(...entries)
    this.unsent = rebased.value.entries.map((entry) => ({ ...entry, at }))
    this.folded = rebased.value.document
    this.starts = null
    this.notes = [...this.notes, ...rebased.value.notes]
    this.savedAt = entries.at(-1)?.at ?? this.savedAt
    return missed
  }
}

function startsOf(blank: AnnotationDocument, entries: readonly JournalEntry[]): OriginStarts {
  const starts = originStarts(blank, entries)
  return starts.ok ? starts.value : new Map()
}

/** Opens the journal of an attempt. Refused: entries that give no document. */
export function openJournal(
  { attempt, widthPx, heightPx, entries }: AttemptDetail,
  wire: JournalWire,
  changed: (state: JournalState) => void,
): Result<AttemptJournal> {
  const journal = new AttemptJournal(attempt, emptyDocument(widthPx, heightPx), entries, wire, changed)
  return journal.damage === null ? accept(journal) : { ok: false, refusal: journal.damage }
}
