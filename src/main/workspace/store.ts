import type {
  AttemptState,
  AuditEntry,
  AuditVerdict,
  CommitAttempt,
  Exposure,
  JournalEntry,
  MeasurementEntry,
  PlaceEntry,
  NewEntry,
  PanelProtocol,
  PanelWords,
  RaterRole,
  Result,
} from '../../contract'

/** A subject as the store keys it: see `seriesKey` (of earlier versions `series:<uid>`), or `image:<sha256 of the photograph's bytes>`. */
export type SubjectKey = string

export interface StoredRater {
  readonly raterId: string
  readonly name: string
  readonly pseudonym: string
  readonly role: RaterRole
  /** argon2id, PHC string; null: cannot sign in (the local rater, a reader of imported files). */
  readonly passwordHash: string | null
  /** The password lets in to choose another one, and to nothing else. */
  readonly oneTime: boolean
  /** It was given out too long ago, and lets nobody in. */
  readonly hasRunOut: boolean
  /** Signs in no more, and nobody waits for this rater's readings; those that were committed stay. */
  readonly retired: boolean
}

export interface StoredPanel {
  readonly panelId: string
  readonly name: string
  readonly protocol: PanelProtocol
  readonly words: PanelWords
  readonly wordsAt: string
  readonly madeAt: string
  /** Nothing of it is committed from then on; null: it is open. */
  readonly closedAt: string | null
  readonly raterIds: readonly string[]
}

/** What a panel was called and what its readers were told, from an instant on. */
export interface PanelEdition extends PanelWords {
  readonly at: string
  readonly name: string
}

/** A rater's place for a case; a repeat is a second row of the same subject. */
export interface StoredCase {
  readonly panelId: string
  readonly raterId: string
  readonly position: number
  readonly subject: SubjectKey
  readonly isRepeat: boolean
}

export interface StoredAttempt {
  readonly attemptId: string
  readonly subject: SubjectKey
  readonly raterId: string
  readonly panelId: string | null
  readonly casePosition: number | null
  readonly number: number
  readonly state: AttemptState
  readonly blind: boolean
  readonly openedAt: string
  readonly committedAt: string | null
  readonly revision: number
  readonly digest: string | null
  readonly readingMs: number
  readonly slicesSeen: number
  /** Size of the masks of this attempt. */
  readonly widthPx: number
  readonly heightPx: number
}

export interface NewAttempt {
  readonly subject: SubjectKey
  readonly raterId: string
  readonly panelId: string | null
  readonly casePosition: number | null
  readonly blind: boolean
  readonly widthPx: number
  readonly heightPx: number
}

/** What a commit fixes beside the journal: see `CommitAttempt`; the digest is over the folded document. */
export interface Commit extends CommitAttempt {
  readonly attemptId: string
  readonly digest: string
}

/** A reading that came in from a file, stored whole; its bytes are the exchange format of `core/exchange`, as JSON. */
export interface StoredImport {
  readonly importId: string
  readonly subject: SubjectKey
  readonly reader: string
  readonly importedAt: string
  readonly importedBy: string
  readonly source: string
  readonly content: string
  /** Taken out of everything that is shown and counted; it stays in the workspace and in the log. */
  readonly withdrawn: boolean
  /** Whether the owner let it into the figures of a panel. */
  readonly counted: boolean
}

/** What may become of a reading from a file. */
export type ImportChange = 'withdraw' | 'count' | 'leave-out'

/** What training keeps in a workspace; `body` is JSON of the room that wrote it. */
export interface TrainingRecord {
  readonly kind: 'split-key' | 'patients' | 'set' | 'verdict' | 'promote' | 'roll-back'
  readonly key: string
  readonly body: string
}
export interface StoredTrainingRecord extends TrainingRecord {
  readonly at: string
}

/** What an entry of the audit log says; number, time and hashes are the store's. */
export interface AuditAct {
  readonly raterId: string | null
  readonly act: string
  readonly about: AuditEntry['about']
}

/**
 * Where the work of raters is kept. Everything is append-only: no row of a journal, an attempt's past, an exposure or
 * the audit log is ever changed. A promise that fulfils means that it is on disk. Every act that changes something
 * appends to the audit chain in the same transaction, and the chain's entry holds the hash of every row written. Times
 * rise from act to act, also when the computer's clock is set back. One conformance suite runs every implementation.
 *
 * Refused with `revision-conflict`: the revision is not the expected one. `attempt-fixed`: the attempt is committed.
 * `workspace-failed`: disk full, read-only folder, locked or damaged database (with the next step in words).
 */
export interface WorkspaceStore {
  readonly kind: 'sqlite' | 'postgres'
  readonly name: string

  readonly raters: () => Promise<Result<readonly StoredRater[]>>
  /**
   * `by`: who asks for it; null: the person at the computer itself. `oneTime`: the password was chosen by somebody else
   * and lets in to choose another one. Refused with `request-invalid`: the name is taken
   * (compared without case).
   */
  readonly addRater: (
    rater: { name: string; role: RaterRole; passwordHash: string | null; oneTime?: boolean },
    by: string | null,
  ) => Promise<Result<StoredRater>>
  /** Refused with `not-allowed`: the rater is retired. */
  readonly setPassword: (
    raterId: string,
    password: { readonly passwordHash: string; readonly oneTime: boolean },
    by: string | null,
  ) => Promise<Result<null>>
  /** Refused with `not-allowed`: nobody who owns the workspace would be left. */
  readonly retireRater: (raterId: string, retired: boolean, by: string | null) => Promise<Result<StoredRater>>

  readonly panels: () => Promise<Result<readonly StoredPanel[]>>
  readonly addPanel: (
    panel: Omit<StoredPanel, 'panelId' | 'wordsAt' | 'madeAt' | 'closedAt'>,
    cases: readonly Omit<StoredCase, 'panelId'>[],
    by: string,
  ) => Promise<Result<StoredPanel>>
  /** Refused with `not-allowed`: target and labels are fixed with the first commit. */
  readonly editPanel: (
    panelId: string,
    words: PanelWords & { readonly name: string },
    by: string,
  ) => Promise<Result<StoredPanel>>
  /** For good. The same again gives what stands. */
  readonly closePanel: (panelId: string, by: string) => Promise<Result<StoredPanel>>
  /** What the panel was called and its readers were told, oldest first. */
  readonly editionsOfPanel: (panelId: string) => Promise<Result<readonly PanelEdition[]>>
  readonly casesOfPanel: (panelId: string) => Promise<Result<readonly StoredCase[]>>
  readonly casesOfSubject: (subject: SubjectKey) => Promise<Result<readonly StoredCase[]>>

  /**
   * Goes on with the open draft of this rater at this case, else opens the next attempt. What was asked for as blind is
   * blind only where nothing of the subject was given to the rater before. Refused with `attempt-fixed`: locked, or the
   * panel is closed.
   */
  readonly openAttempt: (attempt: NewAttempt) => Promise<Result<StoredAttempt>>
  readonly attempt: (attemptId: string) => Promise<Result<StoredAttempt>>
  readonly attemptsOfSubject: (subject: SubjectKey) => Promise<Result<readonly StoredAttempt[]>>
  readonly attemptsOfRater: (raterId: string) => Promise<Result<readonly StoredAttempt[]>>
  readonly attemptsOfPanel: (panelId: string) => Promise<Result<readonly StoredAttempt[]>>
  /** Appends one gesture; the same `entryId` again gives the entry that stands. */
  readonly append: (attemptId: string, entry: NewEntry) => Promise<Result<JournalEntry>>
  readonly entries: (attemptId: string, after: number) => Promise<Result<readonly JournalEntry[]>>
  /** The same commit again (revision and digest) gives what stands. Refused with `attempt-fixed`: the panel is closed; with `not-allowed`: its readers are told something else by now. */
  readonly commit: (commit: Commit) => Promise<Result<StoredAttempt>>
  /** No further attempt of this rater at this case; the attempt is committed before. */
  readonly lock: (attemptId: string, by: string | null) => Promise<Result<StoredAttempt>>

  /** To be fulfilled before anything is given out. Refused with `blind` while this rater has a blind draft of the subject open. */
  readonly expose: (
    raterId: string,
    subject: SubjectKey,
    exposure: Omit<Exposure, 'at'>,
  ) => Promise<Result<null>>
  /** The same of many subjects in one act: all are noted, or none. */
  readonly exposeAll: (
    raterId: string,
    subjects: readonly SubjectKey[],
    exposure: Omit<Exposure, 'at'>,
  ) => Promise<Result<null>>
  readonly exposures: (raterId: string, subject: SubjectKey) => Promise<Result<readonly Exposure[]>>

  /** All that anything is kept of. */
  readonly subjectsKept: () => Promise<Result<readonly SubjectKey[]>>
  /** SOP Instance UIDs that the oldest work on a subject names which names any: what it was made on. */
  readonly firstInstancesOf: (subject: SubjectKey) => Promise<Result<readonly string[]>>

  readonly addImport: (
    one: Omit<StoredImport, 'importId' | 'importedAt' | 'withdrawn' | 'counted'>,
  ) => Promise<Result<StoredImport>>
  readonly importOf: (importId: string) => Promise<Result<StoredImport>>
  /** An entry of the log and no more: nothing that came in is changed or removed. */
  readonly changeImport: (importId: string, change: ImportChange, by: string) => Promise<Result<StoredImport>>
  readonly importsOfSubject: (subject: SubjectKey) => Promise<Result<readonly StoredImport[]>>

  /** Refused with `request-invalid`: it `isFirst`, and there is one of its kind already. */
  readonly addTrainingRecord: (
    record: TrainingRecord,
    by: string,
    isFirst?: boolean,
  ) => Promise<Result<StoredTrainingRecord>>
  /** Oldest first. */
  readonly trainingRecords: (kind: TrainingRecord['kind']) => Promise<Result<readonly StoredTrainingRecord[]>>
  /** Appends a step to a rater's measurements of a subject; the same step again gives what stands. */
  readonly measure: (
    raterId: string,
    subject: SubjectKey,
    entry: Omit<MeasurementEntry, 'number' | 'at'>,
  ) => Promise<Result<MeasurementEntry>>
  /** The steps of one rater at one subject, oldest first. */
  readonly measurements: (
    raterId: string,
    subject: SubjectKey,
  ) => Promise<Result<readonly MeasurementEntry[]>>
  /** The same of the places that a rater clicked. */
  readonly markPlace: (
    raterId: string,
    subject: SubjectKey,
    entry: Omit<PlaceEntry, 'number' | 'at'>,
  ) => Promise<Result<PlaceEntry>>
  readonly places: (raterId: string, subject: SubjectKey) => Promise<Result<readonly PlaceEntry[]>>

  readonly audit: (act: AuditAct) => Promise<Result<null>>
  readonly auditEntries: (after: number, limit: number) => Promise<Result<readonly AuditEntry[]>>
  readonly verifyAudit: () => Promise<Result<AuditVerdict>>

  /** Checks the whole database; an SQLite workspace also checks its file. */
  readonly check: () => Promise<Result<null>>
  /** A copy that can be opened by itself; gives its path; keeps the newest few. A PostgreSQL server has its own way: refused. */
  readonly backUp: () => Promise<Result<string>>
  readonly close: () => Promise<void>
}
