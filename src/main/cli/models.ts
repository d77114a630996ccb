import { parseArgs } from 'node:util'
import type { CommandIo } from './command-io'
import { workspaceAt } from './serve'

/** `margin models [--check] [--workspace DIR]`: the packages as `{ models: [...] }`. With --check, 1 when one is refused or none is there. */
export async function runModels(args: readonly string[], io: CommandIo): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: { check: { type: 'boolean' }, workspace: { type: 'string' } },
    strict: true,
  })
  const workspace = values.workspace === undefined ? null : workspaceAt(values.workspace, io.cwd)
  const services = await io.services({ paths: [], demo: false, workspace, accounts: false })
  const models = await services.models.list()
  for (const { id, refusal, standing } of models) {
    const made = standing === null ? '' : standing.experimental ? ', experimental' : ', promoted'
    const doubt = standing?.doubt ?? null
    io.err(refusal === null ? `${id}: ready${made}` : `${id}: ${refusal.reason}`)
    if (doubt !== null) io.err(`  ${doubt}`)
  }
  io.out(JSON.stringify({ models }))
  const sound = models.length > 0 && models.every((model) => model.refusal === null)
  return values.check === true && !sound ? 1 : 0
}
