import { parseArgs } from 'node:util'
import { StudyQuery } from '../../contract'
import type { Result } from '../../contract'
import type { Archives } from '../pacs/archives'
import { printed, UsageError } from './command-io'
import type { CommandIo } from './command-io'
import { workspaceAt } from './serve'

const options = {
  workspace: { type: 'string' },
  'patient-id': { type: 'string' },
  'patient-name': { type: 'string' },
  from: { type: 'string' },
  to: { type: 'string' },
  modality: { type: 'string' },
  study: { type: 'string' },
} as const

type Values = ReturnType<typeof parse>['values']
const parse = (args: readonly string[]) =>
  parseArgs({ args: [...args], options, strict: true, allowPositionals: true })

/** `margin archive list | echo NAME | find NAME …`: the archives of the workspace, as the page has them. */
export async function runArchive(args: readonly string[], io: CommandIo): Promise<number> {
  const { values, positionals } = parse(args)
  const [act, name, ...more] = positionals
  if (act === undefined) throw new UsageError('Say what to do: list, echo or find.')
  const workspace = values.workspace === undefined ? null : workspaceAt(values.workspace, io.cwd)
  const ask = act === 'list' ? null : actOf(act, name, more, values, io)
  const { archives } = await io.services({ paths: [], demo: false, workspace, accounts: false })
  if (ask !== null) return printed(io, await ask(archives))
  const list = await archives.list()
  io.out(JSON.stringify(list))
  return list.refusal === null ? 0 : 1
}

/** What to ask; wrong usage is thrown before anything is opened. */
function actOf(
  act: string,
  name: string | undefined,
  more: readonly string[],
  values: Values,
  { signal }: CommandIo,
): (archives: Archives) => Promise<Result<unknown>> {
  if (act !== 'echo' && act !== 'find') throw new UsageError(`margin archive has no "${act}".`)
  if (name === undefined) throw new UsageError('Name the archive; margin archive list lists them.')
  if (more.length > 0) throw new UsageError(`margin archive ${act} takes no "${more.join(' ')}".`)
  if (act === 'echo') return (archives) => archives.echo(name, signal)
  const { study } = values
  if (study !== undefined) return (archives) => archives.findSeries(name, study, signal)
  const query = StudyQuery.safeParse({
    patientId: values['patient-id'],
    patientName: values['patient-name'],
    studyFrom: values.from,
    studyTo: values.to,
    modality: values.modality,
  })
  if (!query.success) throw new UsageError(query.error.issues[0]?.message ?? 'That is nothing to look for.')
  return (archives) => archives.findStudies(name, query.data, signal)
}
