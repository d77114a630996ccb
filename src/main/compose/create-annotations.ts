import { accept, refuse } from '../../contract'
import type { Rater, Refusal, Result, SessionState, Subject } from '../../contract'
import type { LibraryService, ReadingService } from '../library/library-service'
import { checkPassword, hashPassword } from '../accounts/password'
import { createSessions } from '../accounts/sessions'
import type { StoredRater, WorkspaceStore } from '../workspace/store'
import { nameKey } from '../workspace/stored-raters'
import type { AnnotationService, SignedIn } from '../readings/annotation-service'
import { createAttempts, type AttemptParts } from '../readings/attempts'
import { bringIn } from '../exchange/bring-in'
import { compareReadings } from '../readings/compare'
import { createDisclosure } from '../readings/disclosure'
import { createDocuments } from '../readings/documents'
import { handOut } from '../exchange/hand-out'
import { panelAgreement } from '../readings/panel-figures'
import { createPanels } from '../readings/panels'
import { shownReadings } from '../readings/shown-readings'
import { createSubjects } from '../readings/subjects'
import { rankImages, spreadOf } from '../readings/worklist'

export interface AnnotationOptions {
  /** Opens the workspace; called at the first question. */
  readonly open: () => Promise<Result<WorkspaceStore>>
  /** What the workspace is called before it is open. */
  readonly location: string
  readonly accounts: boolean
  readonly library: LibraryService
  readonly readings: ReadingService
  /** Version of the program. */
  readonly version: string
  /** The built `write-worker.js`; null: files are written in the calling thread (tests). */
  readonly writeWorkerPath: string | null
  readonly nowMs: () => number
}

/** The rater of a computer without accounts. */
const LOCAL_RATER = 'You'
const AUDIT_PAGE = 10_000

/** Everything that stands on an open workspace. */
interface Opened {
  readonly store: WorkspaceStore
  readonly parts: AttemptParts & { readonly readings: ReadingService }
  readonly attempts: ReturnType<typeof createAttempts>
  readonly panels: ReturnType<typeof createPanels>
  readonly sessions: ReturnType<typeof createSessions>
}

const toRater = ({ raterId, name, pseudonym, role }: StoredRater): Rater => ({
  raterId,
  name,
  pseudonym,
  role,
})

const ownerOnly = (rater: Rater, what: string): Result<null> =>
  rater.role === 'owner'
    ? accept(null)
    : refuse('not-allowed', `${what} is for the owner of this workspace.`, { next: 'Ask the owner.' })

/** Readings by people, on one workspace that is opened when it is first asked for. */
export function createAnnotations(options: AnnotationOptions): AnnotationService {
  const subjects = createSubjects(options.library)
  const spreads = new Map<string, number>()
  let opening: Promise<Result<Opened>> | null = null
  const opened = (): Promise<Result<Opened>> => (opening ??= openParts(options, subjects))
  /** Retried at the next question: a disk that was full may have room again. */
  async function open(): Promise<Result<Opened>> {
    const result = await opened()
    if (!result.ok) opening = null
    return result
  }
  async function on<T>(work: (workspace: Opened) => Promise<Result<T>>): Promise<Result<T>> {
    const workspace = await open()
    return workspace.ok ? work(workspace.value) : workspace
  }
  async function keyed<T>(
    subject: Subject,
    work: (workspace: Opened, key: string) => Promise<Result<T>>,
  ): Promise<Result<T>> {
    const key = await subjects.keyOf(subject)
    return key.ok ? on((workspace) => work(workspace, key.value)) : key
  }
  return {
    accounts: options.accounts,
    ...accountCalls(options, open, on),
    withheld: (rater, subject) => keyed(subject, ({ parts }, key) => parts.disclosure.withheld(rater, key)),
    release: (rater, subject, kind, detail) =>
      keyed(subject, ({ parts }, key) => parts.disclosure.release(rater, key, kind, detail)),
    noteRun: async (subject, report) => {
      const key = await subjects.keyOf(subject)
      const spread = spreadOf(report)
      if (!key.ok || spread === null) return
      spreads.set(key.value, Math.max(spread, spreads.get(key.value) ?? 0))
    },
    ...attemptCalls(on),
    compare: (rater, subject, compareOptions) =>
      keyed(subject, async ({ parts }, key) => {
        const found = await subjects.find(subject)
        if (!found.ok) return found
        for (const kind of ['peers', 'agreement'] as const) {
          const released = await parts.disclosure.release(rater, key, kind, 'comparison')
          if (!released.ok) return released
        }
        const shown = await shownReadings(parts, rater, subject, key)
        if (!shown.ok) return shown
        return compareReadings(subject, found.value.detail, shown.value, compareOptions)
      }),
    handOut: (rater, request) => on(({ parts }) => handOut({ ...parts, ...options }, rater, request)),
    bringIn: (rater, query, bytes) =>
      on(({ parts }) => bringIn({ ...parts, ...options }, rater, query, bytes)),
    worklist: (rater) => on(({ parts }) => rankImages({ ...parts, ...options, spreads }, rater)),
    ...auditCalls(on),
    close: async () => {
      const workspace = opening === null ? null : await opening
      if (workspace?.ok === true) await workspace.value.store.close()
    },
  }
}

async function openParts(
  options: AnnotationOptions,
  subjects: ReturnType<typeof createSubjects>,
): Promise<Result<Opened>> {
  const opened = await options.open()
  if (!opened.ok) return opened
  const store = opened.value
  const documents = createDocuments(store)
  const disclosure = createDisclosure(store, options.nowMs)
  const parts = { store, subjects, documents, disclosure, readings: options.readings }
  return accept({
    store,
    parts,
    attempts: createAttempts(parts),
    panels: createPanels(parts),
    sessions: createSessions({ nowMs: options.nowMs }),
  })
}

/** Does work on the open workspace, or refuses as opening it did. */
type OnWorkspace = <T>(work: (workspace: Opened) => Promise<Result<T>>) => Promise<Result<T>>

type AttemptCalls = Pick<
  AnnotationService,
  | 'openAttempt'
  | 'attempt'
  | 'ownAttempts'
  | 'append'
  | 'entries'
  | 'commit'
  | 'lock'
  | 'shown'
  | 'panels'
  | 'addPanel'
  | 'cases'
  | 'panelAgreement'
>

const attemptCalls = (on: OnWorkspace): AttemptCalls => ({
  openAttempt: (rater, request) => on(({ attempts }) => attempts.open(rater, request)),
  attempt: (rater, attemptId) => on(({ attempts }) => attempts.detail(rater, attemptId)),
  ownAttempts: (rater, subject) => on(({ attempts }) => attempts.own(rater, subject)),
  append: (rater, attemptId, entry) => on(({ attempts }) => attempts.append(rater, attemptId, entry)),
  entries: (rater, attemptId, after) => on(({ attempts }) => attempts.entries(rater, attemptId, after)),
  commit: (rater, attemptId, request) => on(({ attempts }) => attempts.commit(rater, attemptId, request)),
  lock: (rater, attemptId) => on(({ attempts }) => attempts.lock(rater, attemptId)),
  shown: (rater, attemptId, overlay) => on(({ attempts }) => attempts.shown(rater, attemptId, overlay)),
  panels: (rater) => on(({ panels }) => panels.list(rater)),
  addPanel: (rater, request) => on(({ panels }) => panels.add(rater, request)),
  cases: (rater, panelId) => on(({ panels }) => panels.cases(rater, panelId)),
  panelAgreement: (rater, panelId) => on(({ parts }) => panelAgreement(parts, rater, panelId)),
})

const auditCalls = (on: OnWorkspace): Pick<AnnotationService, 'auditEntries' | 'verifyAudit'> => ({
  auditEntries: (rater, after) =>
    on(async ({ store }) => {
      const allowed = ownerOnly(rater, 'The audit log')
      return allowed.ok ? store.auditEntries(after, AUDIT_PAGE) : allowed
    }),
  verifyAudit: (rater) =>
    on(async ({ store }) => {
      const allowed = ownerOnly(rater, 'The audit log')
      return allowed.ok ? store.verifyAudit() : allowed
    }),
})

type AccountCalls = Pick<
  AnnotationService,
  'raterOf' | 'session' | 'signIn' | 'signOut' | 'raters' | 'addRater'
>

function accountCalls(
  options: AnnotationOptions,
  open: () => Promise<Result<Opened>>,
  on: OnWorkspace,
): AccountCalls {
  let local: Rater | null = null
  let trouble: Refusal | null = null
  return {
    raterOf: async (token) => {
      const workspace = await open()
      trouble = workspace.ok ? null : workspace.refusal
      if (!workspace.ok) return null
      if (!options.accounts) return (local ??= await localRater(workspace.value.store))
      const raterId = token === null ? null : workspace.value.sessions.raterOf(token)
      return raterId === null ? null : findRater(workspace.value.store, raterId)
    },
    session: async (rater) => {
      const workspace = await open()
      return sessionState(options, rater, workspace, trouble)
    },
    signIn: (request, address) =>
      on(async ({ store, sessions }) => signIn(store, sessions, request, address)),
    signOut: async (token) => {
      const workspace = await open()
      if (workspace.ok) workspace.value.sessions.end(token)
    },
    raters: (rater) =>
      on(async ({ store }) => {
        const allowed = ownerOnly(rater, 'The list of raters')
        if (!allowed.ok) return allowed
        const raters = await store.raters()
        return raters.ok ? accept({ raters: raters.value.map(toRater) }) : raters
      }),
    addRater: (rater, { name, password, role }) =>
      on(async ({ store }) => {
        const allowed = ownerOnly(rater, 'Adding a rater')
        if (!allowed.ok) return allowed
        const passwordHash = await hashPassword(password)
        const added = await store.addRater({ name, role, passwordHash }, rater.raterId)
        return added.ok ? accept(toRater(added.value)) : added
      }),
  }
}

async function localRater(store: WorkspaceStore): Promise<Rater | null> {
  const raters = await store.raters()
  if (!raters.ok) return null
  const known = raters.value.find(({ name, passwordHash }) => name === LOCAL_RATER && passwordHash === null)
  if (known !== undefined) return toRater(known)
  const added = await store.addRater({ name: LOCAL_RATER, role: 'owner', passwordHash: null }, null)
  return added.ok ? toRater(added.value) : null
}

async function findRater(store: WorkspaceStore, raterId: string): Promise<Rater | null> {
  const raters = await store.raters()
  const found = raters.ok ? raters.value.find((one) => one.raterId === raterId) : undefined
  return found === undefined ? null : toRater(found)
}

function sessionState(
  { accounts, location }: AnnotationOptions,
  rater: Rater | null,
  workspace: Result<Opened>,
  trouble: Refusal | null,
): SessionState {
  const refusal = workspace.ok ? trouble : workspace.refusal
  return {
    accounts,
    rater,
    workspace: {
      // A folder or an address is for those who work in it.
      name: accounts && rater === null ? '' : workspace.ok ? workspace.value.store.name : location,
      kind: workspace.ok ? workspace.value.store.kind : 'sqlite',
      trouble:
        refusal === null
          ? null
          : { reason: refusal.reason, next: refusal.next ?? 'Looking at images goes on without it.' },
    },
  }
}

async function signIn(
  store: WorkspaceStore,
  sessions: ReturnType<typeof createSessions>,
  { name, password }: { readonly name: string; readonly password: string },
  address: string,
): Promise<Result<SignedIn>> {
  const raters = await store.raters()
  if (!raters.ok) return raters
  const rater = raters.value.find((one) => nameKey(one.name) === nameKey(name))
  const token = await sessions.signIn({
    name,
    address,
    raterId: rater?.raterId ?? null,
    isRight: () => checkPassword(rater?.passwordHash ?? null, password),
  })
  if (!token.ok) return token
  if (rater === undefined) return refuse('signed-out', 'Name or password is wrong.')
  const noted = await store.audit({ raterId: rater.raterId, act: 'signed-in', about: {} })
  return noted.ok ? accept({ token: token.value, rater: toRater(rater) }) : noted
}
