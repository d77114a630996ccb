import { accept, refuse } from '../../contract'
import type {
  ArchiveEcho,
  ArchiveList,
  ArchiveSeriesList,
  ArchiveSettings,
  ArchiveStudies,
  Fetched,
  FetchProgress,
  FetchRequest,
  Result,
  SentObjects,
  StudyQuery,
} from '../../contract'
import type { ArchiveFolder } from './archive-folder'
import type { ActGround } from './archive-job'
import { inArchiveThread } from './archive-thread'
import type { ToSend } from './outgoing'
import { readArchives, summaryOf } from './read-settings'
import type { OfStudy } from './sending'

/** The archives that the owner of the workspace named. The settings are read at every question; nothing is contacted unasked. */
export interface Archives {
  readonly list: () => Promise<ArchiveList>
  readonly echo: (name: string, signal: AbortSignal) => Promise<Result<ArchiveEcho>>
  readonly findStudies: (
    name: string,
    query: StudyQuery,
    signal: AbortSignal,
  ) => Promise<Result<ArchiveStudies>>
  readonly findSeries: (
    name: string,
    studyUid: string,
    signal: AbortSignal,
  ) => Promise<Result<ArchiveSeriesList>>
  /** Brings series here, whole; what is here is not fetched again. */
  readonly fetch: (
    name: string,
    request: FetchRequest,
    onProgress: (progress: FetchProgress) => void,
    signal: AbortSignal,
  ) => Promise<Result<Fetched>>
  /** Stores DICOM files, as they are. */
  readonly send: (name: string, files: readonly ToSend[], signal: AbortSignal) => Promise<Result<SentObjects>>
  /** Stores the DICOM objects of an export (a ZIP); refused whole where the study is another patient's. */
  readonly sendExport: (
    name: string,
    exported: { readonly zip: Uint8Array; readonly of: OfStudy },
    signal: AbortSignal,
  ) => Promise<Result<SentObjects>>
}

export interface ArchivesOptions {
  readonly folder: ArchiveFolder
  readonly environment: NodeJS.ProcessEnv
  /** The built `archive-worker.js`; null: archives are asked in the calling thread (tests). */
  readonly workerPath: string | null
  readonly nowMs: () => number
}

async function named(folder: ArchiveFolder, name: string): Promise<Result<ArchiveSettings>> {
  const archives = await readArchives(folder)
  if (!archives.ok) return archives
  const found = archives.value.find((archive) => archive.name === name)
  if (found !== undefined) return accept(found)
  const names = archives.value.map((archive) => archive.name).join(', ')
  return refuse('not-found', `No archive is called ${name}.`, {
    next:
      names === ''
        ? `None is named yet: see the guide, and write ${folder.settings}.`
        : `There is: ${names}.`,
  })
}

/** A series is fetched once at a time by this program. */
function oneAtATime(): <T>(request: FetchRequest, work: () => Promise<Result<T>>) => Promise<Result<T>> {
  const fetching = new Set<string>()
  return async (request, work) => {
    const keys = request.seriesUids.map((uid) => `${request.studyUid}/${uid}`)
    if (keys.some((key) => fetching.has(key)))
      return refuse('request-invalid', 'The series is being fetched already.', { next: 'Wait for its end.' })
    for (const key of keys) fetching.add(key)
    try {
      return await work()
    } finally {
      for (const key of keys) fetching.delete(key)
    }
  }
}

export function createArchives({ folder, environment, workerPath, nowMs }: ArchivesOptions): Archives {
  /** Does something with the archive of a name, or refuses as its settings do. */
  const on = async <T>(
    name: string,
    work: (settings: ArchiveSettings) => Promise<Result<T>>,
  ): Promise<Result<T>> => {
    const settings = await named(folder, name)
    return settings.ok ? work(settings.value) : settings
  }
  const ground = (signal: AbortSignal, onProgress: ActGround['onProgress'] = () => undefined): ActGround => ({
    ...{ environment, signal, onProgress },
  })
  const one = oneAtATime()
  return {
    list: async () => {
      const archives = await readArchives(folder)
      const read = archives.ok ? archives.value : []
      return {
        archives: await Promise.all(read.map((settings) => summaryOf(settings, folder, environment))),
        settingsPath: folder.settings,
        refusal: archives.ok ? null : archives.refusal,
      }
    },
    echo: (name, signal) =>
      on(name, async (settings) => {
        const startedMs = nowMs()
        const job = { kind: 'echo' as const, settings, folder }
        const done = await inArchiveThread<'echo'>(workerPath, job, ground(signal))
        return done.ok ? accept({ name, answeredMs: Math.round(nowMs() - startedMs) }) : done
      }),
    findStudies: (name, query, signal) =>
      on(name, (settings) =>
        inArchiveThread<'studies'>(workerPath, { kind: 'studies', settings, folder, query }, ground(signal)),
      ),
    findSeries: (name, studyUid, signal) =>
      on(name, async (settings) => {
        const job = { kind: 'series' as const, settings, folder, studyUid }
        const series = await inArchiveThread<'series'>(workerPath, job, ground(signal))
        return series.ok ? accept({ studyUid, series: [...series.value] }) : series
      }),
    fetch: (name, request, onProgress, signal) =>
      on(name, (settings) => {
        const job = { kind: 'fetch' as const, settings, folder, request }
        return one(request, () => inArchiveThread<'fetch'>(workerPath, job, ground(signal, onProgress)))
      }),
    send: (name, files, signal) =>
      on(name, async (settings) => {
        const job = { kind: 'send' as const, settings, folder, files }
        const sent = await inArchiveThread<'send'>(workerPath, job, ground(signal))
        return sent.ok ? accept({ name, objects: [...sent.value], studyThere: null }) : sent
      }),
    sendExport: (name, exported, signal) =>
      on(name, async (settings) => {
        const job = { kind: 'send-export' as const, settings, folder, ...exported }
        const sent = await inArchiveThread<'send-export'>(workerPath, job, ground(signal))
        return sent.ok ? accept({ name, ...sent.value }) : sent
      }),
  }
}
