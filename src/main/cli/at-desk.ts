import { accept } from '../../contract'
import type { Rater, Result } from '../../contract'
import type { Services } from '../app/services'
import type { CommandIo } from './command-io'
import { workspaceAt } from './serve'

/** A workspace that is open, and the person at this computer. */
export interface AtDesk {
  readonly services: Services
  readonly rater: Rater
}

/** `brings`: something may come in, and a workspace of nobody then gains its person. */
export async function sitDown(
  { workspace, as }: { readonly workspace?: string | undefined; readonly as?: string | undefined },
  brings: boolean,
  io: CommandIo,
): Promise<Result<AtDesk>> {
  const at = workspace === undefined ? null : workspaceAt(workspace, io.cwd)
  const services = await io.services({ paths: [], demo: false, workspace: at, accounts: false })
  const rater = await services.accounts.atDesk(as ?? null, brings)
  return rater.ok ? accept({ services, rater: rater.value }) : rater
}
