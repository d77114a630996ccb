import { ONE_TIME_HOURS, accept, refuse } from '../../contract'
import type {
  ChangePassword,
  GivenPassword,
  NewRater,
  Rater,
  RaterList,
  Refusal,
  Result,
  SessionState,
  SignIn,
} from '../../contract'
import { shownLocation } from '../workspace/default-location'
import type { Workspace } from '../workspace/opened-when-asked'
import type { StoredRater, WorkspaceStore } from '../workspace/store'
import type { StoreCalls } from '../workspace/store-calls'
import { nameKey } from '../workspace/stored-raters'
import { ownerOnly } from './owner-only'
import { changeOwnPassword, giveOneTimePassword } from './change-password'
import { checkPassword, hashPassword } from './password'
import { createSessions } from './sessions'

/** Who asks. */
export interface Asking {
  readonly rater: Rater
  /** In by a password that was given out once: nothing is answered before another one is chosen. */
  readonly mustChangePassword: boolean
}

export interface SignedIn extends Asking {
  readonly token: string
}

/** Who asks: signing in and out, and the raters of the workspace. */
export interface Accounts {
  /** True where raters sign in. */
  readonly required: boolean
  /** The rater of a session token; without accounts the local rater, whatever the token. Null: nobody. */
  readonly raterOf: (token: string | null) => Promise<Asking | null>
  /** Why nobody can be known here: the workspace cannot be used. Null: it can. */
  readonly trouble: () => Promise<Refusal | null>
  /**
   * Whom the command line acts as: the rater of this name, else the person of a workspace of one, else its only owner.
   * `mayBegin`: a workspace of nobody gains its person.
   */
  readonly atDesk: (name: string | null, mayBegin: boolean) => Promise<Result<Rater>>
  readonly session: (asking: Asking | null) => Promise<SessionState>
  readonly signIn: (request: SignIn, address: string) => Promise<Result<SignedIn>>
  readonly signOut: (token: string) => void
  /** A password of the rater's own choice; every other session of theirs ends. */
  readonly changePassword: (
    rater: Rater,
    request: ChangePassword,
    address: string,
  ) => Promise<Result<SignedIn>>
  readonly list: (rater: Rater) => Promise<Result<RaterList>>
  readonly add: (rater: Rater, request: NewRater) => Promise<Result<Rater>>
  /** A password that lets in once, to choose another one; every session of that rater ends. */
  readonly givePassword: (rater: Rater, raterId: string) => Promise<Result<GivenPassword>>
  readonly retire: (rater: Rater, raterId: string, retired: boolean) => Promise<Result<Rater>>
}

export interface AccountsOptions {
  readonly workspace: Workspace
  /** What the workspace is called before it is open. */
  readonly location: string
  readonly required: boolean
  readonly nowMs: () => number
}

/** The rater of a computer without accounts. */
const LOCAL_RATER = 'You'

const toRater = ({ raterId, name, pseudonym, role, retired }: StoredRater): Rater => ({
  raterId,
  name,
  pseudonym,
  role,
  retired,
})

export function createAccounts({ workspace, location, required, nowMs }: AccountsOptions): Accounts {
  const { store } = workspace
  const sessions = createSessions({ nowMs })
  let local: Rater | null = null
  let trouble: Refusal | null = null
  return {
    required,
    trouble: async () => {
      const opened = await workspace.open()
      return opened.ok ? trouble : opened.refusal
    },
    raterOf: async (token) => {
      const opened = await workspace.open()
      trouble = opened.ok ? null : opened.refusal
      if (!opened.ok) return null
      if (!required) {
        const found = local === null ? await localRater(store) : accept(local)
        local = found.ok ? found.value : null
        trouble = found.ok ? null : found.refusal
        return local === null ? null : { rater: local, mustChangePassword: false }
      }
      return signedInRater(store, sessions, token)
    },
    atDesk: async (name, mayBegin) => {
      const opened = await workspace.open()
      return opened.ok ? deskRater(store, name, mayBegin) : opened
    },
    session: async (asking) => sessionState(required, location, asking, await workspace.open(), trouble),
    signIn: async (request, address) => {
      const signed = await signIn(store, sessions, request, address)
      // Who is not in is told of no folder and no backup.
      return required && !signed.ok && signed.refusal.code === 'workspace-failed'
        ? { ok: false, refusal: troubleForNobody }
        : signed
    },
    signOut: (token) => {
      sessions.end(token)
    },
    changePassword: passwordChanges(store, sessions),
    list: async (rater) => {
      const allowed = ownerOnly(rater, 'The list of raters')
      if (!allowed.ok) return allowed
      const raters = await store.raters()
      return raters.ok ? accept({ raters: raters.value.map(toRater) }) : raters
    },
    add: async (rater, { name, password, role }) => {
      const allowed = ownerOnly(rater, 'Adding a rater')
      if (!allowed.ok) return allowed
      const passwordHash = await hashPassword(password)
      // The owner knows what the owner typed: the rater reads under a password that nobody else knows.
      const added = await store.addRater({ name, role, passwordHash, oneTime: true }, rater.raterId)
      return added.ok ? accept(toRater(added.value)) : added
    },
    givePassword: (rater, raterId) => giveOneTimePassword(store, required, rater, raterId),
    retire: async (rater, raterId, retired) => {
      const allowed = ownerOnly(rater, 'Retiring a rater')
      if (!allowed.ok) return allowed
      const done = await store.retireRater(raterId, retired, rater.raterId)
      return done.ok ? accept(toRater(done.value)) : done
    },
  }
}

/** One choice of a rater at a time: the second one is asked for the password that the first one set. */
function passwordChanges(
  store: StoreCalls,
  sessions: ReturnType<typeof createSessions>,
): Accounts['changePassword'] {
  const last = new Map<string, Promise<unknown>>()
  return async (rater, request, address) => {
    const change = (): ReturnType<typeof changeOwnPassword> =>
      changeOwnPassword(store, sessions, rater, request, address)
    const done = (last.get(rater.raterId) ?? Promise.resolve()).then(change, change)
    last.set(rater.raterId, done)
    try {
      return await done
    } finally {
      if (last.get(rater.raterId) === done) last.delete(rater.raterId)
    }
  }
}

const askingOf = (rater: StoredRater): Asking => ({
  rater: toRater(rater),
  mustChangePassword: rater.oneTime,
})

/** Refused where raters sign in: a workspace of several gains nobody by being opened without accounts. */
async function localRater(store: StoreCalls): Promise<Result<Rater>> {
  const raters = await store.raters()
  if (!raters.ok) return raters
  const known = raters.value.find(isLocal)
  if (known !== undefined) return accept(toRater(known))
  if (raters.value.some(({ passwordHash }) => passwordHash !== null))
    return refuse('workspace-failed', 'The raters of this workspace sign in: it is not one person’s.', {
      next: 'Start with margin serve --accounts, or name another folder with --workspace.',
    })
  const added = await store.addRater({ name: LOCAL_RATER, role: 'owner', passwordHash: null }, null)
  if (added.ok) return accept(toRater(added.value))
  // A page asks several things at once, and another program may begin the same workspace: one of them was faster.
  const now = await store.raters()
  const begun = now.ok ? now.value.find(isLocal) : undefined
  return begun === undefined ? added : accept(toRater(begun))
}

const isLocal = ({ name, passwordHash }: StoredRater): boolean =>
  name === LOCAL_RATER && passwordHash === null

async function deskRater(store: StoreCalls, name: string | null, mayBegin: boolean): Promise<Result<Rater>> {
  const raters = await store.raters()
  if (!raters.ok) return raters
  const named = raters.value.find((one) => name !== null && nameKey(one.name) === nameKey(name))
  if (named?.retired === true)
    return refuse('not-allowed', `${named.name} is retired and reads no more.`, {
      next: 'See "margin raters".',
    })
  if (named !== undefined) return accept(toRater(named))
  if (name !== null)
    return refuse('not-found', `This workspace has no rater ${name}.`, { next: 'See "margin raters".' })
  if (raters.value.length === 0 && !mayBegin)
    return refuse('not-found', 'Nobody has read anything in this workspace.', {
      next: 'Name another one with --workspace.',
    })
  if (raters.value.every(({ passwordHash }) => passwordHash === null)) return localRater(store)
  const [owner, ...others] = raters.value.filter(({ role, retired }) => role === 'owner' && !retired)
  if (owner !== undefined && others.length === 0) return accept(toRater(owner))
  return refuse('request-invalid', 'Several raters own this workspace.', {
    next: 'Say with --as NAME whose eyes this is for.',
  })
}

/**
 * Null: nobody, a rater who is retired, or a session that began with another password than is set now, here or by the
 * command line.
 */
async function signedInRater(
  store: StoreCalls,
  sessions: ReturnType<typeof createSessions>,
  token: string | null,
): Promise<Asking | null> {
  const seen = token === null ? null : sessions.raterOf(token)
  const raters = await store.raters()
  if (seen === null || !raters.ok) return null
  const found = raters.value.find(({ raterId }) => raterId === seen.raterId)
  if (found?.passwordHash === seen.credential && !found.retired && !found.hasRunOut) return askingOf(found)
  sessions.endAllOf(seen.raterId)
  return null
}

const troubleForNobody: Refusal = {
  code: 'workspace-failed',
  reason: 'The workspace cannot be opened, so nobody can sign in.',
  next: 'Ask who runs this Margin: what is wrong stands where it was started.',
}

function sessionState(
  accounts: boolean,
  location: string,
  asking: Asking | null,
  workspace: Result<WorkspaceStore>,
  trouble: Refusal | null,
): SessionState {
  const refusal = workspace.ok ? trouble : workspace.refusal
  // A folder or an address is for those who work in it.
  const isNobody = accounts && asking === null
  const told = isNobody ? troubleForNobody : refusal
  return {
    accounts,
    rater: asking?.rater ?? null,
    mustChangePassword: asking?.mustChangePassword ?? false,
    workspace: {
      name: isNobody ? '' : workspace.ok ? workspace.value.name : shownLocation(location),
      kind: workspace.ok ? workspace.value.kind : 'sqlite',
      trouble:
        refusal === null || told === null
          ? null
          : { reason: told.reason, next: told.next ?? 'Looking at images goes on without it.' },
    },
  }
}

async function signIn(
  store: StoreCalls,
  sessions: ReturnType<typeof createSessions>,
  { name, password }: { readonly name: string; readonly password: string },
  address: string,
): Promise<Result<SignedIn>> {
  const raters = await store.raters()
  if (!raters.ok) return raters
  // A retired rater is answered as nobody is.
  const rater = raters.value.find((one) => nameKey(one.name) === nameKey(name) && !one.retired)
  const token = await sessions.signIn({
    name,
    address,
    raterId: rater?.raterId ?? null,
    credential: rater?.passwordHash ?? '',
    isRight: () => checkPassword(rater?.passwordHash ?? null, password),
  })
  if (!token.ok) return token
  if (rater === undefined) return refuse('signed-out', 'Name or password is wrong.')
  if (rater.hasRunOut) {
    sessions.end(token.value)
    return refuse(
      'signed-out',
      `This password was given out more than ${ONE_TIME_HOURS} hours ago and lets nobody in any more.`,
      { next: 'Ask the owner of the workspace for a new one.' },
    )
  }
  // A password that was given out lets one in at a time: whoever is put out learns that somebody else has it.
  if (rater.oneTime) sessions.endOthersOf(token.value)
  const noted = await store.audit({ raterId: rater.raterId, act: 'signed-in', about: {} })
  return noted.ok ? accept({ token: token.value, ...askingOf(rater) }) : noted
}
