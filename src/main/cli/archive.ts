import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { FetchRequest, SentObjects, StudyQuery } from '../../contract'
import type { FetchProgress, Result } from '../../contract'
import type { Archives } from '../pacs/archives'
import { printed, UsageError } from './command-io'
import type { CommandIo } from './command-io'
import { workspaceAt } from './serve'

const options = {
  workspace: { type: 'string' },
  'patient-id': { type: 'string' },
  'patient-name': { type: 'string' },
  accession: { type: 'string' },
  from: { type: 'string' },
  to: { type: 'string' },
  modality: { type: 'string' },
  study: { type: 'string' },
  series: { type: 'string', multiple: true },
} as const

const parse = (args: readonly string[]) =>
  parseArgs({ args: [...args], options, strict: true, allowPositionals: true })
type Values = ReturnType<typeof parse>['values']

/** What is done with the archives once they are open. */
type Act = (archives: Archives) => Promise<Result<unknown>>

/** So many lines of progress a fetch writes at most. */
const PROGRESS_LINES = 20

/** `margin archive list | echo | find | fetch | send`: the archives of the workspace, as the page has them. */
export async function runArchive(args: readonly string[], io: CommandIo): Promise<number> {
  const { values, positionals } = parse(args)
  const [act, name, ...files] = positionals
  if (act === undefined) throw new UsageError('Say what to do: list, echo, find, fetch or send.')
  const workspace = values.workspace === undefined ? null : workspaceAt(values.workspace, io.cwd)
  const ask = act === 'list' ? null : actOf(act, name, { values, files, io })
  const { archives } = await io.services({ paths: [], demo: false, workspace, accounts: false })
  if (ask !== null) {
    const done = await ask(archives)
    return Math.max(printed(io, done), refusedObjects(done))
  }
  const list = await archives.list()
  io.out(JSON.stringify(list))
  return list.refusal === null ? 0 : 1
}

/** 1 where an archive did not take one of the objects that it was sent. */
function refusedObjects(done: Result<unknown>): number {
  const sent = SentObjects.safeParse(done.ok ? done.value : null)
  return sent.data?.objects.some(({ refusal }) => refusal !== null) === true ? 1 : 0
}

interface Given {
  readonly values: Values
  readonly files: readonly string[]
  readonly io: CommandIo
}

/** What to ask; wrong usage is thrown before anything is opened. */
function actOf(act: string, name: string | undefined, given: Given): Act {
  const make = acts[act]
  if (make === undefined) throw new UsageError(`margin archive has no "${act}".`)
  if (name === undefined) throw new UsageError('Name the archive; margin archive list lists them.')
  if (act !== 'send' && given.files.length > 0)
    throw new UsageError(`margin archive ${act} takes no "${given.files.join(' ')}".`)
  return make(name, given)
}

const acts: Readonly<Record<string, (name: string, given: Given) => Act>> = {
  echo:
    (name, { io }) =>
    (archives) =>
      archives.echo(name, io.signal),
  find: (name, { values, io }) => {
    const { study } = values
    if (study !== undefined) return (archives) => archives.findSeries(name, study, io.signal)
    const query = StudyQuery.safeParse({
      patientId: values['patient-id'],
      patientName: values['patient-name'],
      accessionNumber: values.accession,
      studyFrom: values.from,
      studyTo: values.to,
      modality: values.modality,
    })
    if (!query.success) throw new UsageError(query.error.issues[0]?.message ?? 'That is nothing to look for.')
    return (archives) => archives.findStudies(name, query.data, io.signal)
  },
  fetch: (name, { values, io }) => {
    const { study, series = [] } = values
    if (study === undefined)
      throw new UsageError('Name the study with --study; margin archive find lists them.')
    const asked = series.length > 0 ? FetchRequest.safeParse({ studyUid: study, seriesUids: series }) : null
    if (asked?.success === false) throw new UsageError('--study and --series take UIDs.')
    return async (archives) => {
      const request = asked === null ? await allSeries(archives, name, study, io) : asked.data
      return 'ok' in request ? request : archives.fetch(name, request, progressLines(io), io.signal)
    }
  },
  send: (name, { files, io }) => {
    if (files.length === 0) throw new UsageError('Name the DICOM files to send.')
    const toSend = files.map((file) => ({ path: resolve(io.cwd, file) }))
    return (archives) => archives.send(name, toSend, io.signal)
  },
}

/** Every series of a study; or why they are not known. */
async function allSeries(
  archives: Archives,
  name: string,
  studyUid: string,
  { signal }: CommandIo,
): Promise<FetchRequest | Extract<Result<never>, { readonly ok: false }>> {
  const found = await archives.findSeries(name, studyUid, signal)
  return found.ok ? { studyUid, seriesUids: found.value.series.map(({ seriesUid }) => seriesUid) } : found
}

function progressLines(io: CommandIo): (progress: FetchProgress) => void {
  let written = -1
  return ({ objectsDone, objectsTotal }) => {
    const due = Math.floor((objectsDone / objectsTotal) * PROGRESS_LINES)
    if (due <= written) return
    written = due
    io.err(`${objectsDone} of ${objectsTotal} objects are here.`)
  }
}
