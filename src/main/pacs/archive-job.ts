import { accept, refuse } from '../../contract'
import type {
  ArchiveSeries,
  ArchiveSettings,
  ArchiveStudies,
  Fetched,
  FetchProgress,
  FetchRequest,
  Result,
  SentObject,
  StudyQuery,
} from '../../contract'
import type { Archive } from './archive'
import type { ArchiveFolder } from './archive-folder'
import { fetchSeries } from './arriving/fetch-series'
import { webArchive } from './dicomweb/web-archive'
import { dimseArchive } from './dimse/dimse-archive'
import { loadDimse } from './dimse/load-dimse'
import type { ToSend } from './outgoing'
import { connectionRefusal, diskRefusal } from './pacs-failure'
import { readyToAsk } from './read-settings'
import { sendExport, sendFiles } from './sending'
import type { OfStudy } from './sending'

/** What an archive is asked, and what comes of it. */
export interface ArchiveActs {
  readonly echo: { readonly asked: object; readonly given: null }
  readonly studies: { readonly asked: { readonly query: StudyQuery }; readonly given: ArchiveStudies }
  readonly series: { readonly asked: { readonly studyUid: string }; readonly given: readonly ArchiveSeries[] }
  readonly fetch: { readonly asked: { readonly request: FetchRequest }; readonly given: Fetched }
  readonly send: {
    readonly asked: { readonly files: readonly ToSend[] }
    readonly given: readonly SentObject[]
  }
  readonly 'send-export': {
    readonly asked: { readonly zip: Uint8Array; readonly of: OfStudy }
    readonly given: Awaited<ReturnType<typeof sendExport>>
  }
}
export type ActKind = keyof ArchiveActs

/** One act on one archive: all that its thread is told. Credentials are read there. */
export type ArchiveJob = {
  [Kind in ActKind]: {
    readonly kind: Kind
    readonly settings: ArchiveSettings
    readonly folder: ArchiveFolder
  } & ArchiveActs[Kind]['asked']
}[ActKind]

type Given = ArchiveActs[ActKind]['given']

/** What an act hears and tells while it is done. */
export interface ActGround {
  readonly environment: NodeJS.ProcessEnv
  readonly onProgress: (progress: FetchProgress) => void
  readonly signal: AbortSignal
}

/** Does one act. */
export async function performArchiveJob(job: ArchiveJob, ground: ActGround): Promise<Result<Given>> {
  const { settings, folder } = job
  const { signal } = ground
  const keys = await readyToAsk(settings, folder, ground.environment)
  if (!keys.ok) return keys
  try {
    const archive =
      settings.kind === 'dicomweb'
        ? webArchive(settings, keys.value, signal)
        : dimseArchive({ dimse: await loadDimse(), settings, keys: keys.value, signal })
    return accept(await act(archive, job, ground))
  } catch (error) {
    if (signal.aborted)
      return refuse('cancelled', `${settings.name} was asked no further.`, {
        next: job.kind === 'fetch' ? 'What came whole is kept.' : 'Nothing was stored.',
      })
    return { ok: false, refusal: diskRefusal(error, folder.root) ?? connectionRefusal(settings.name, error) }
  }
}

async function act(archive: Archive, job: ArchiveJob, { onProgress, signal }: ActGround): Promise<Given> {
  const { folder } = job
  const { name } = job.settings
  switch (job.kind) {
    case 'echo':
      await archive.echo()
      return null
    case 'studies':
      return archive.findStudies(job.query)
    case 'series':
      return archive.findSeries(job.studyUid)
    case 'fetch':
      return fetchSeries(job.request, { name, archive, folder, onProgress })
    case 'send':
      return sendFiles({ name, archive, signal }, job.files)
    case 'send-export':
      return sendExport({ name, archive, signal }, job.zip, job.of)
  }
}
