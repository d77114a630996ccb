import type {
  Acknowledged,
  AttemptDetail,
  Attempt,
  AuditEntry,
  AuditVerdict,
  CommitAttempt,
  Comparison,
  ConsensusMethod,
  ExportRequest,
  ExposureKind,
  ImportOutcome,
  ImportQuery,
  JournalPage,
  NewEntry,
  NewPanel,
  NewRater,
  OpenAttempt,
  OwnAttempts,
  Panel,
  PanelAgreement,
  PanelCases,
  PanelList,
  Rater,
  RaterList,
  Result,
  SessionState,
  ShownOverlay,
  SignIn,
  SliceReport,
  Subject,
  Worklist,
} from '../../contract'

/** Why a subject's model, peers and figures are not given to a rater now, and what ends that. */
export interface Withheld {
  readonly reason: string
  readonly until: string
}

/** A file to hand out. */
export interface HandedOut {
  readonly name: string
  readonly bytes: Uint8Array
}

export interface SignedIn {
  readonly token: string
  readonly rater: Rater
}

/**
 * Readings by people. Every call names the rater who asks: what is withheld from that rater is withheld here, in one
 * place, whichever route asked for it. A workspace that cannot be opened refuses with `workspace-failed` and its next
 * step; looking at images goes on without it.
 */
export interface AnnotationService {
  /** True where raters sign in. */
  readonly accounts: boolean
  /** The rater of a session token; without accounts the local rater, whatever the token. Null: nobody. */
  readonly raterOf: (token: string | null) => Promise<Rater | null>
  readonly session: (rater: Rater | null) => Promise<SessionState>
  readonly signIn: (request: SignIn, address: string) => Promise<Result<SignedIn>>
  readonly signOut: (token: string) => Promise<void>
  readonly raters: (rater: Rater) => Promise<Result<RaterList>>
  readonly addRater: (rater: Rater, request: NewRater) => Promise<Result<Rater>>

  /** Null: may be shown. */
  readonly withheld: (rater: Rater, subject: Subject) => Promise<Result<Withheld | null>>
  /**
   * Asked before anything but the image itself is given out: refused with `blind` where it is withheld, else it is
   * written to the exposure log, and only then given.
   */
  readonly release: (
    rater: Rater,
    subject: Subject,
    kind: ExposureKind,
    detail: string,
  ) => Promise<Result<null>>

  /** A run that ended: its spread ranks the worklist. */
  readonly noteRun: (subject: Subject, report: SliceReport) => Promise<void>

  readonly openAttempt: (rater: Rater, request: OpenAttempt) => Promise<Result<AttemptDetail>>
  readonly attempt: (rater: Rater, attemptId: string) => Promise<Result<AttemptDetail>>
  readonly ownAttempts: (rater: Rater, subject: Subject) => Promise<Result<OwnAttempts>>
  readonly append: (rater: Rater, attemptId: string, entry: NewEntry) => Promise<Result<Acknowledged>>
  readonly entries: (rater: Rater, attemptId: string, after: number) => Promise<Result<JournalPage>>
  readonly commit: (rater: Rater, attemptId: string, request: CommitAttempt) => Promise<Result<Attempt>>
  readonly lock: (rater: Rater, attemptId: string) => Promise<Result<Attempt>>
  readonly shown: (rater: Rater, attemptId: string, overlay: ShownOverlay) => Promise<Result<null>>

  readonly panels: (rater: Rater) => Promise<Result<PanelList>>
  readonly addPanel: (rater: Rater, request: NewPanel) => Promise<Result<Panel>>
  readonly cases: (rater: Rater, panelId: string) => Promise<Result<PanelCases>>
  readonly panelAgreement: (rater: Rater, panelId: string) => Promise<Result<PanelAgreement>>

  readonly compare: (
    rater: Rater,
    subject: Subject,
    options: { readonly lesionId: string | null; readonly consensus: ConsensusMethod | null },
  ) => Promise<Result<Comparison>>
  readonly handOut: (rater: Rater, request: ExportRequest) => Promise<Result<HandedOut>>
  readonly bringIn: (rater: Rater, query: ImportQuery, bytes: Uint8Array) => Promise<Result<ImportOutcome>>
  readonly worklist: (rater: Rater) => Promise<Result<Worklist>>

  readonly auditEntries: (rater: Rater, after: number) => Promise<Result<readonly AuditEntry[]>>
  readonly verifyAudit: (rater: Rater) => Promise<Result<AuditVerdict>>
  readonly close: () => Promise<void>
}
