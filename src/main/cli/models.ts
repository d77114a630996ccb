import { parseArgs } from 'node:util'
import type { CommandIo } from './command-io'

/** `margin models [--check]`: the packages as `{ models: [...] }`. With --check, 1 when one is refused or none is there. */
export async function runModels(args: readonly string[], io: CommandIo): Promise<number> {
  const { values } = parseArgs({ args: [...args], options: { check: { type: 'boolean' } }, strict: true })
  const services = await io.services()
  const models = await services.models.list()
  for (const { id, refusal } of models) io.err(refusal === null ? `${id}: ready` : `${id}: ${refusal.reason}`)
  io.out(JSON.stringify({ models }))
  const sound = models.length > 0 && models.every((model) => model.refusal === null)
  return values.check === true && !sound ? 1 : 0
}
