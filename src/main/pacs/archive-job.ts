import { refuse } from '../../contract'
import type { ArchiveSeries, ArchiveSettings, ArchiveStudies, Result, StudyQuery } from '../../contract'
import type { Archive } from './archive'
import type { ArchiveFolder } from './archive-folder'
import { webArchive } from './dicomweb/web-archive'
import { readyToAsk } from './read-settings'

/** What an archive is asked, and what comes of it. */
export interface ArchiveActs {
  readonly echo: { readonly asked: object; readonly given: null }
  readonly studies: { readonly asked: { readonly query: StudyQuery }; readonly given: ArchiveStudies }
  readonly series: { readonly asked: { readonly studyUid: string }; readonly given: readonly ArchiveSeries[] }
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

/** Does one act. */
export async function performArchiveJob(
  job: ArchiveJob,
  environment: NodeJS.ProcessEnv,
  signal: AbortSignal,
): Promise<Result<ArchiveActs[ActKind]['given']>> {
  const { settings, folder } = job
  const keys = await readyToAsk(settings, folder, environment)
  if (!keys.ok) return keys
  if (settings.kind === 'dimse') return refuse('internal', 'Not yet.')
  const archive: Archive = webArchive(settings, keys.value, signal)
  const done = await act(archive, job)
  return signal.aborted ? refuse('cancelled', `${settings.name} was asked no further.`) : done
}

function act(archive: Archive, job: ArchiveJob): Promise<Result<ArchiveActs[ActKind]['given']>> {
  switch (job.kind) {
    case 'echo':
      return archive.echo()
    case 'studies':
      return archive.findStudies(job.query)
    case 'series':
      return archive.findSeries(job.studyUid)
  }
}
