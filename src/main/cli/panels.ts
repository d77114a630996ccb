import { parseArgs } from 'node:util'
import { accept, refuse } from '../../contract'
import type { Panel, Rater, Result } from '../../contract'
import type { Services } from '../app/services'
import { printed, UsageError } from './command-io'
import type { CommandIo } from './command-io'
import { workspaceAt } from './serve'

/** The panel of this name or identifier that the rater may see; two of one name are told apart by their identifiers. */
export async function panelNamed({ panels }: Services, rater: Rater, name: string): Promise<Result<Panel>> {
  const all = await panels.list(rater)
  if (!all.ok) return all
  const named = all.value.panels.filter((one) => one.panelId === name || one.name === name)
  const [only] = named
  if (only === undefined)
    return refuse('not-found', `There is no panel ${name}.`, { next: 'margin panels lists them.' })
  return named.length === 1
    ? accept(only)
    : refuse('request-invalid', `${named.length} panels are named ${name}.`, {
        next: 'Give the panelId instead: margin panels lists them.',
      })
}

/** `margin panels`: the panels of a workspace; `margin panels progress NAME`: who has read what, to an owner. */
export async function runPanels(args: readonly string[], io: CommandIo): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: { workspace: { type: 'string' }, as: { type: 'string' } },
    strict: true,
    allowPositionals: true,
  })
  const [act, name, ...more] = positionals
  if ((act !== undefined && act !== 'progress') || more.length > 0)
    throw new UsageError(`margin panels has no "${positionals.join(' ')}".`)
  if (act === 'progress' && name === undefined) throw new UsageError('Name the panel.')
  const workspace = values.workspace === undefined ? null : workspaceAt(values.workspace, io.cwd)
  const services = await io.services({ paths: [], demo: false, workspace, accounts: false })
  const done = await asked(services, values.as ?? null, name ?? null)
  return printed(io, done)
}

async function asked(services: Services, as: string | null, name: string | null): Promise<Result<unknown>> {
  const rater = await services.accounts.atDesk(as, false)
  if (!rater.ok) return rater
  if (name === null) return services.panels.list(rater.value)
  const panel = await panelNamed(services, rater.value, name)
  return panel.ok ? services.panels.progress(rater.value, panel.value.panelId) : panel
}
