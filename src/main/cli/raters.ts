import { text } from 'node:stream/consumers'
import { parseArgs } from 'node:util'
import { NewRater, refuse } from '../../contract'
import type { Result } from '../../contract'
import { defaultWorkspace } from '../workspace/default-location'
import { openWorkspace } from '../workspace/open-workspace'
import { hashPassword } from '../accounts/password'
import type { StoredRater, WorkspaceStore } from '../workspace/store'
import { nameKey } from '../workspace/stored-raters'
import { printed, UsageError } from './command-io'
import type { CommandIo } from './command-io'
import { workspaceAt } from './serve'

/** Opens the workspace that the options name, does the work, closes it; a refusal ends with 1. */
export async function onWorkspace(
  given: string | undefined,
  io: CommandIo,
  work: (store: WorkspaceStore) => Promise<Result<unknown>>,
): Promise<number> {
  const location =
    given === undefined ? defaultWorkspace(process.env, process.platform) : workspaceAt(given, io.cwd)
  const store = await openWorkspace(location, { clock: () => Date.now() })
  const done = store.ok ? await work(store.value) : store
  if (store.ok) await store.value.close()
  return printed(io, done)
}

/**
 * `margin raters add NAME` and `margin raters password NAME` read the password from standard input; `retire` and
 * `reinstate NAME` end and take back that a rater signs in; `margin raters` lists.
 */
export async function runRaters(args: readonly string[], io: CommandIo): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: { workspace: { type: 'string' }, owner: { type: 'boolean' } },
    strict: true,
    allowPositionals: true,
  })
  const [act, name] = positionals
  switch (act) {
    case undefined:
      return onWorkspace(values.workspace, io, listRaters)
    case 'add':
    case 'password': {
      if (name === undefined || positionals.length > 2) throw new UsageError('Give one name.')
      const role = values.owner === true ? 'owner' : 'reader'
      const rater = NewRater.safeParse({ name, role, password: (await text(process.stdin)).trimEnd() })
      if (!rater.success) {
        for (const { message } of rater.error.issues) io.err(message)
        io.err('The password is read from standard input.')
        return 1
      }
      return onWorkspace(values.workspace, io, (store) =>
        act === 'add' ? addRater(store, rater.data) : changePassword(store, rater.data),
      )
    }
    case 'retire':
    case 'reinstate': {
      if (name === undefined || positionals.length > 2) throw new UsageError('Give one name.')
      return onWorkspace(values.workspace, io, (store) => retireRater(store, name, act === 'retire'))
    }
    default:
      throw new UsageError(`margin raters has no "${act}".`)
  }
}

async function listRaters(store: WorkspaceStore): Promise<Result<unknown>> {
  const raters = await store.raters()
  return raters.ok
    ? {
        ok: true,
        value: raters.value.map(({ name, role, pseudonym, retired }) => ({
          ...{ name, role, pseudonym },
          ...(retired ? { retired } : {}),
        })),
      }
    : raters
}

async function addRater(store: WorkspaceStore, { name, role, password }: NewRater): Promise<Result<unknown>> {
  const added = await store.addRater({ name, role, passwordHash: await hashPassword(password) }, null)
  if (!added.ok) return added
  return { ok: true, value: { raterId: added.value.raterId, name, role, pseudonym: added.value.pseudonym } }
}

async function changePassword(store: WorkspaceStore, { name, password }: NewRater): Promise<Result<unknown>> {
  const rater = await raterNamed(store, name)
  if (!rater.ok) return rater
  const set = { passwordHash: await hashPassword(password), oneTime: false }
  const changed = await store.setPassword(rater.value.raterId, set, null)
  return changed.ok ? { ok: true, value: { name: rater.value.name, changed: true } } : changed
}

async function retireRater(store: WorkspaceStore, name: string, retired: boolean): Promise<Result<unknown>> {
  const rater = await raterNamed(store, name)
  if (!rater.ok) return rater
  const done = await store.retireRater(rater.value.raterId, retired, null)
  return done.ok ? { ok: true, value: { name: done.value.name, retired: done.value.retired } } : done
}

async function raterNamed(store: WorkspaceStore, name: string): Promise<Result<StoredRater>> {
  const raters = await store.raters()
  if (!raters.ok) return raters
  const rater = raters.value.find((one) => nameKey(one.name) === nameKey(name))
  return rater === undefined
    ? refuse('not-found', `There is no rater ${name}.`, { next: 'margin raters lists them.' })
    : { ok: true, value: rater }
}
