import type {
  AttemptState,
  AuditEntry,
  AuditVerdict,
  CommitAttempt,
  Exposure,
  JournalEntry,
  NewEntry,
  PanelProtocol,
  RaterRole,
  Result,
} from '../../contract'

/** A subject as the store keys it: `series:<uid>`, or `image:<sha256 of the photograph's bytes>`. */
export type SubjectKey = string

export interface StoredRater {
  readonly raterId: string
  readonly name: string
  readonly pseudonym: string
  readonly role: RaterRole
  /** argon2id, PHC string; null: cannot sign in (the local rater, a reader of imported files). */
  readonly passwordHash: string | null
}

export interface StoredPanel {
  readonly panelId: string
  readonly name: string
  readonly protocol: PanelProtocol
  readonly madeAt: string
  readonly raterIds: readonly string[]
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
 * appends to the audit chain in the same transaction. One conformance suite runs every implementation.
 *
 * Refused with `revision-conflict`: the revision is not the expected one. `attempt-fixed`: the attempt is committed.
 * `workspace-failed`: disk full, read-only folder, locked or damaged database (with the next step in words).
 */
export interface WorkspaceStore {
  readonly kind: 'sqlite' | 'postgres'
  readonly name: string

  readonly raters: () => Promise<Result<readonly StoredRater[]>>
  /** Refused with `request-invalid`: the name is taken (compared without case). */
  readonly addRater: (rater: {
    name: string
    role: RaterRole
    passwordHash: string | null
  }) => Promise<Result<StoredRater>>
  readonly setPassword: (raterId: string, passwordHash: string) => Promise<Result<null>>

  readonly panels: () => Promise<Result<readonly StoredPanel[]>>
  readonly addPanel: (
    panel: Omit<StoredPanel, 'panelId' | 'madeAt'>,
    cases: readonly Omit<StoredCase, 'panelId'>[],
    by: string,
  ) => Promise<Result<StoredPanel>>
  readonly casesOfPanel: (panelId: string) => Promise<Result<readonly StoredCase[]>>
  readonly casesOfSubject: (subject: SubjectKey) => Promise<Result<readonly StoredCase[]>>

  readonly openAttempt: (attempt: NewAttempt) => Promise<Result<StoredAttempt>>
  readonly attempt: (attemptId: string) => Promise<Result<StoredAttempt>>
  readonly attemptsOfSubject: (subject: SubjectKey) => Promise<Result<readonly StoredAttempt[]>>
  readonly attemptsOfRater: (raterId: string) => Promise<Result<readonly StoredAttempt[]>>
  readonly attemptsOfPanel: (panelId: string) => Promise<Result<readonly StoredAttempt[]>>
  /** Appends one gesture; the same `entryId` again gives the entry that stands. */
  readonly append: (attemptId: string, entry: NewEntry) => Promise<Result<JournalEntry>>
  readonly entries: (attemptId: string, after: number) => Promise<Result<readonly JournalEntry[]>>
  readonly commit: (commit: Commit) => Promise<Result<StoredAttempt>>
  /** No further attempt of this rater at this case. */
  readonly lock: (attemptId: string) => Promise<Result<StoredAttempt>>

  readonly expose: (
    raterId: string,
    subject: SubjectKey,
    exposure: Omit<Exposure, 'at'>,
  ) => Promise<Result<null>>
  readonly exposures: (raterId: string, subject: SubjectKey) => Promise<Result<readonly Exposure[]>>

  readonly addImport: (one: Omit<StoredImport, 'importId' | 'importedAt'>) => Promise<Result<StoredImport>>
  readonly importsOfSubject: (subject: SubjectKey) => Promise<Result<readonly StoredImport[]>>

  readonly audit: (act: AuditAct) => Promise<Result<null>>
  readonly auditEntries: (after: number, limit: number) => Promise<Result<readonly AuditEntry[]>>
  readonly verifyAudit: () => Promise<Result<AuditVerdict>>

  /** Checks the whole database; an SQLite workspace also checks its file. */
  readonly check: () => Promise<Result<null>>
  /** A copy that can be opened by itself; keeps the newest few. */
  readonly backUp: () => Promise<Result<string>>
  readonly close: () => Promise<void>
}
