import { readFile } from 'node:fs/promises'
import { basename, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import {
  accept,
  ConsensusMethod,
  ExportFormat,
  ImportQuery,
  PanelExportRequest,
  refuse,
} from '../../contract'
import type { Rater, Result, ScanResult, Subject } from '../../contract'
import { listedSubjects } from '../../core/subject/listed'
import { idOfSubject, namesOfSubject } from '../../core/subject/subject'
import type { Services } from '../app/services'
import { UsageError } from './command-io'
import type { Command, CommandIo } from './command-io'
import { panelNamed } from './panels'
import { writeWholeFile } from '../workspace/whole-file'
import { workspaceAt } from './serve'

/** What `agree`, `export` and `import` have in common: an image, a workspace, and the person at this computer. */
interface Desk {
  readonly services: Services
  readonly rater: Rater
  readonly subject: Subject
}

const options = {
  workspace: { type: 'string' },
  series: { type: 'string' },
  image: { type: 'string' },
  format: { type: 'string' },
  consensus: { type: 'string' },
  reader: { type: 'string' },
  despite: { type: 'string' },
  file: { type: 'string' },
  out: { type: 'string' },
  as: { type: 'string' },
  panel: { type: 'string' },
} as const

function readArguments(args: readonly string[]): Readonly<
  Record<keyof typeof options, string | undefined>
> & {
  readonly path: string
} {
  const { values, positionals } = parseArgs({
    args: [...args],
    options,
    strict: true,
    allowPositionals: true,
  })
  const [path] = positionals
  if (path === undefined || positionals.length > 1) throw new UsageError('Give one folder, file or ZIP.')
  const { workspace, series, image, format, consensus, reader, despite, file, out, as, panel } = values
  return { path, workspace, series, image, format, consensus, reader, despite, file, out, as, panel }
}

/** Opens what lies at the path, and the workspace as a rater who is there already. */
async function openImages(
  asked: ReturnType<typeof readArguments>,
  io: CommandIo,
): Promise<Result<{ readonly services: Services; readonly scanned: ScanResult }>> {
  const workspace = asked.workspace === undefined ? null : workspaceAt(asked.workspace, io.cwd)
  const services = await io.services({ paths: [], demo: false, workspace, accounts: false })
  const root = await services.library.addRoot(resolve(io.cwd, asked.path))
  if (!root.ok) return root
  const scanned = await services.library.scan([root.value], () => undefined, io.signal)
  return scanned.ok ? accept({ services, scanned: scanned.value }) : scanned
}

/** Several images need one named. */
async function openDesk(
  asked: ReturnType<typeof readArguments>,
  brings: boolean,
  io: CommandIo,
): Promise<Result<Desk>> {
  const opened = await openImages(asked, io)
  if (!opened.ok) return opened
  const { services, scanned } = opened.value
  const subject = chooseSubject(scanned, asked.series, asked.image)
  if (!subject.ok) return subject
  const rater = await services.accounts.atDesk(asked.as ?? null, brings)
  return rater.ok ? accept({ services, rater: rater.value, subject: subject.value }) : rater
}

function chooseSubject(
  found: ScanResult,
  seriesUid: string | undefined,
  image: string | undefined,
): Result<Subject> {
  const isAsked = { series: image === undefined, image: seriesUid === undefined }
  const subjects = listedSubjects(found).filter(
    ({ subject, fileName }) =>
      isAsked[subject.kind] &&
      (seriesUid === undefined || idOfSubject(subject) === seriesUid) &&
      (image === undefined || fileName === image.normalize('NFC')),
  )
  const [only] = subjects
  if (only === undefined) return refuse('not-found', 'No such series or photograph lies there.')
  if (subjects.length === 1) return accept(only.subject)
  return refuse('request-invalid', `${subjects.length} series and photographs lie there.`, {
    next: 'Name one with --series UID or --image NAME.',
  })
}

const atDesk =
  (
    /** A reading may come in: a workspace of nobody then gains its person. */
    brings: boolean,
    work: (desk: Desk, asked: ReturnType<typeof readArguments>, io: CommandIo) => Promise<Result<unknown>>,
  ): Command =>
  async (args, io) => {
    const asked = readArguments(args)
    const desk = await openDesk(asked, brings, io)
    return tell(desk.ok ? await work(desk.value, asked, io) : desk, io)
  }

function tell(done: Result<unknown>, io: CommandIo): number {
  if (done.ok) io.out(JSON.stringify(done.value))
  else io.err(`${done.refusal.reason} ${done.refusal.next ?? ''}`)
  return done.ok ? 0 : 1
}

const consensusOf = (text: string | undefined): ConsensusMethod | null => {
  if (text === undefined || text === 'none') return null
  const method = ConsensusMethod.safeParse(text)
  if (!method.success) throw new UsageError('--consensus is none, majority or staple.')
  return method.data
}

/** `margin agree PATH`: the committed readings of one image side by side, as the Compare view shows them. */
export const runAgree = atDesk(false, ({ services, rater, subject }, { consensus }) =>
  services.comparisons.compare(rater, subject, { lesionId: null, consensus: consensusOf(consensus) }),
)

/**
 * `margin export PATH --format F --out FILE`: a ZIP, written only after what it holds read back equal; of a whole panel
 * with `--panel NAME`.
 */
export const runExport: Command = async (args, io) => {
  const asked = readArguments(args)
  return asked.panel === undefined
    ? exportImage(args, io)
    : tell(await exportPanel(asked, asked.panel, io), io)
}

async function exportPanel(
  asked: ReturnType<typeof readArguments>,
  panelName: string,
  io: CommandIo,
): Promise<Result<unknown>> {
  const request = PanelExportRequest.safeParse({ formats: asked.format?.split(',') })
  if (!request.success || asked.out === undefined)
    throw new UsageError(
      '--format is one or several of seg,rtstruct,nifti,png,coco,lidc-xml; --out names the ZIP.',
    )
  const opened = await openImages(asked, io)
  if (!opened.ok) return opened
  const { services } = opened.value
  const rater = await services.accounts.atDesk(asked.as ?? null, false)
  if (!rater.ok) return rater
  const panel = await panelNamed(services, rater.value, panelName)
  if (!panel.ok) return panel
  const zip = await services.exchange.exportPanel(rater.value, panel.value.panelId, request.data)
  return zip.ok ? writeNew(resolve(io.cwd, asked.out), zip.value.bytes) : zip
}

/** Never over a file that is there. */
async function writeNew(path: string, bytes: Uint8Array): Promise<Result<unknown>> {
  await writeWholeFile(path, bytes, { isNew: true })
  return accept({ path, bytes: bytes.length })
}

const exportImage = atDesk(false, async ({ services, rater, subject }, { format, consensus, out }, io) => {
  const asked = ExportFormat.safeParse(format)
  if (!asked.success || out === undefined)
    throw new UsageError(`--format is one of ${ExportFormat.options.join(', ')}; --out names the ZIP.`)
  const zip = await services.exchange.exportReadings(rater, {
    subject,
    panelId: null,
    format: asked.data,
    readingIds: [],
    consensus: consensusOf(consensus) ?? 'none',
  })
  return zip.ok ? writeNew(resolve(io.cwd, out), zip.value.bytes) : zip
})

const LONGEST_READER = 80

/** A file's name as the reader's, where none is given: beginning and end of a long one, which tell it from others. */
function readerOfFile(file: string): string {
  const letters = Array.from(basename(file))
  if (basename(file).length <= LONGEST_READER) return basename(file)
  const half = Math.floor((LONGEST_READER - 1) / 4)
  return `${letters.slice(0, half).join('')}…${letters.slice(-half).join('')}`
}

/** `margin import PATH --file FILE --format F --reader NAME`: a file as the reading of a named reader. */
export const runImport = atDesk(
  true,
  async ({ services, rater, subject }, { file, format, reader, despite }, io) => {
    if (file === undefined) throw new UsageError('--file names what is brought in.')
    const query = ImportQuery.safeParse({
      format,
      reader: reader ?? readerOfFile(file),
      name: basename(file),
      ...(despite === undefined ? {} : { despite }),
      ...namesOfSubject(subject),
    })
    if (!query.success) {
      if (despite !== undefined && despite !== 'doubts') throw new UsageError('--despite takes doubts.')
      const isName = query.error.issues.some(({ path }) => path[0] === 'reader')
      throw new UsageError(
        isName
          ? `--reader is a name of at most ${LONGEST_READER} letters.`
          : '--format is seg, rtstruct, nifti, png, coco or lidc-xml.',
      )
    }
    const bytes = await readFile(resolve(io.cwd, file))
    return services.exchange.bringIn(rater, query.data, bytes)
  },
)
