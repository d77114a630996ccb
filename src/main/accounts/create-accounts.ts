import { accept, refuse } from '../../contract'
import type { NewRater, Rater, RaterList, Refusal, Result, SessionState, SignIn } from '../../contract'
import type { Workspace } from '../workspace/opened-when-asked'
import type { StoredRater, WorkspaceStore } from '../workspace/store'
import type { StoreCalls } from '../workspace/store-calls'
import { nameKey } from '../workspace/stored-raters'
import { ownerOnly } from './owner-only'
import { checkPassword, hashPassword } from './password'
import { createSessions } from './sessions'

export interface SignedIn {
  readonly token: string
  readonly rater: Rater
}

/** Who asks: signing in and out, and the raters of the workspace. */
export interface Accounts {
  /** True where raters sign in. */
  readonly required: boolean
  /** The rater of a session token; without accounts the local rater, whatever the token. Null: nobody. */
  readonly raterOf: (token: string | null) => Promise<Rater | null>
  readonly session: (rater: Rater | null) => Promise<SessionState>
  readonly signIn: (request: SignIn, address: string) => Promise<Result<SignedIn>>
  readonly signOut: (token: string) => void
  readonly list: (rater: Rater) => Promise<Result<RaterList>>
  readonly add: (rater: Rater, request: NewRater) => Promise<Result<Rater>>
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

const toRater = ({ raterId, name, pseudonym, role }: StoredRater): Rater => ({
  raterId,
  name,
  pseudonym,
  role,
})

export function createAccounts({ workspace, location, required, nowMs }: AccountsOptions): Accounts {
  const { store } = workspace
  const sessions = createSessions({ nowMs })
  let local: Rater | null = null
  let trouble: Refusal | null = null
  return {
    required,
    raterOf: async (token) => {
      const opened = await workspace.open()
      trouble = opened.ok ? null : opened.refusal
      if (!opened.ok) return null
      if (!required) return (local ??= await localRater(store))
      const raterId = token === null ? null : sessions.raterOf(token)
      return raterId === null ? null : findRater(store, raterId)
    },
    session: async (rater) => sessionState(required, location, rater, await workspace.open(), trouble),
    signIn: (request, address) => signIn(store, sessions, request, address),
    signOut: (token) => {
      sessions.end(token)
    },
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
      const added = await store.addRater({ name, role, passwordHash }, rater.raterId)
      return added.ok ? accept(toRater(added.value)) : added
    },
  }
}

async function localRater(store: StoreCalls): Promise<Rater | null> {
  const raters = await store.raters()
  if (!raters.ok) return null
  const known = raters.value.find(({ name, passwordHash }) => name === LOCAL_RATER && passwordHash === null)
  if (known !== undefined) return toRater(known)
  const added = await store.addRater({ name: LOCAL_RATER, role: 'owner', passwordHash: null }, null)
  return added.ok ? toRater(added.value) : null
}

async function findRater(store: StoreCalls, raterId: string): Promise<Rater | null> {
  const raters = await store.raters()
  const found = raters.ok ? raters.value.find((one) => one.raterId === raterId) : undefined
  return found === undefined ? null : toRater(found)
}

function sessionState(
  accounts: boolean,
  location: string,
  rater: Rater | null,
  workspace: Result<WorkspaceStore>,
  trouble: Refusal | null,
): SessionState {
  const refusal = workspace.ok ? trouble : workspace.refusal
  return {
    accounts,
    rater,
    workspace: {
      // A folder or an address is for those who work in it.
      name: accounts && rater === null ? '' : workspace.ok ? workspace.value.name : location,
      kind: workspace.ok ? workspace.value.kind : 'sqlite',
      trouble:
        refusal === null
          ? null
          : { reason: refusal.reason, next: refusal.next ?? 'Looking at images goes on without it.' },
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
