import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { accept, refuse } from '../../contract'
import type { Result } from '../../contract'
import { sha256Of } from '../registry/package-files'
import { sitDown } from './at-desk'
import type { AtDesk } from './at-desk'
import { printed, UsageError } from './command-io'
import type { CommandIo } from './command-io'
import { writeWholeFile } from '../workspace/whole-file'
import { workspaceAt } from './serve'

const options = {
  check: { type: 'boolean' },
  to: { type: 'string' },
  as: { type: 'string' },
  workspace: { type: 'string' },
} as const

/**
 * `margin models [--check]`: the packages as `{ models: [...] }`; with --check, 1 when one is refused or none is there.
 * `margin models export NAME --to FILE.zip` writes one to a file, `margin models import FILE.zip` brings one in.
 */
export async function runModels(args: readonly string[], io: CommandIo): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    options,
    strict: true,
    allowPositionals: true,
  })
  const [act, named, ...more] = positionals
  if (act === undefined) {
    if (values.to !== undefined || values.as !== undefined)
      throw new UsageError('--to and --as go with export and import.')
    return list(values, io)
  }
  if ((act !== 'export' && act !== 'import') || named === undefined || more.length > 0)
    throw new UsageError('Give export NAME, or import FILE.zip, or neither.')
  if (values.check === true || (values.to === undefined) !== (act === 'import'))
    throw new UsageError('export takes --to FILE.zip; import takes none.')
  const at = await sitDown(values, true, io)
  if (!at.ok) return printed(io, at)
  return printed(
    io,
    values.to === undefined
      ? await at.value.services.packages.importPackage(at.value.rater, resolve(io.cwd, named))
      : await exported(at.value, named, resolve(io.cwd, values.to)),
  )
}

async function exported(
  { services, rater }: AtDesk,
  modelId: string,
  file: string,
): Promise<Result<unknown>> {
  const made = await services.packages.exportPackage(rater, modelId)
  if (!made.ok) return made
  const { bytes } = made.value
  try {
    // A file that is there stays.
    await writeWholeFile(file, bytes, { isNew: true })
  } catch (error) {
    const exists = error instanceof Error && 'code' in error && error.code === 'EEXIST'
    return refuse('request-invalid', exists ? `${file} is there already.` : `${file} cannot be written.`, {
      next: 'Name another file.',
    })
  }
  return accept({ model: modelId, file, sizeBytes: bytes.length, sha256: sha256Of(bytes) })
}

async function list(
  { check, workspace }: { readonly check?: boolean | undefined; readonly workspace?: string | undefined },
  io: CommandIo,
): Promise<number> {
  const at = workspace === undefined ? null : workspaceAt(workspace, io.cwd)
  const services = await io.services({ paths: [], demo: false, workspace: at, accounts: false })
  const models = await services.models.list()
  for (const { id, refusal, standing } of models) {
    const made = standing === null ? '' : standing.experimental ? ', experimental' : ', promoted'
    const doubt = standing?.doubt ?? null
    io.err(refusal === null ? `${id}: ready${made}` : `${id}: ${refusal.reason}`)
    if (doubt !== null) io.err(`  ${doubt}`)
  }
  io.out(JSON.stringify({ models }))
  const sound = models.length > 0 && models.every((model) => model.refusal === null)
  return check === true && !sound ? 1 : 0
}
