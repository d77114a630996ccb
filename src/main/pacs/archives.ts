import { accept, refuse } from '../../contract'
import type {
  ArchiveEcho,
  ArchiveList,
  ArchiveSeriesList,
  ArchiveSettings,
  ArchiveStudies,
  Result,
  StudyQuery,
} from '../../contract'
import type { ArchiveFolder } from './archive-folder'
import { inArchiveThread } from './archive-thread'
import { readArchives, summaryOf } from './read-settings'

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
}

export interface ArchivesOptions {
  readonly folder: ArchiveFolder
  readonly environment: NodeJS.ProcessEnv
  /** The built `archive-worker.js`; null: archives are asked in the calling thread (tests). */
  readonly workerPath: string | null
  readonly nowMs: () => number
}

export function createArchives({ folder, environment, workerPath, nowMs }: ArchivesOptions): Archives {
  const named = async (name: string): Promise<Result<ArchiveSettings>> => {
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
    echo: async (name, signal) => {
      const settings = await named(name)
      if (!settings.ok) return settings
      const startedMs = nowMs()
      const done = await inArchiveThread(
        workerPath,
        { kind: 'echo', settings: settings.value, folder },
        signal,
      )
      return done.ok ? accept({ name, answeredMs: Math.round(nowMs() - startedMs) }) : done
    },
    findStudies: async (name, query, signal) => {
      const settings = await named(name)
      if (!settings.ok) return settings
      return inArchiveThread(workerPath, { kind: 'studies', settings: settings.value, folder, query }, signal)
    },
    findSeries: async (name, studyUid, signal) => {
      const settings = await named(name)
      if (!settings.ok) return settings
      const job = { kind: 'series' as const, settings: settings.value, folder, studyUid }
      const series = await inArchiveThread(workerPath, job, signal)
      return series.ok ? accept({ studyUid, series: [...series.value] }) : series
    },
  }
}
