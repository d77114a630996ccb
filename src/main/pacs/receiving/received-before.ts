import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { ArchiveFolder } from '../archive-folder'

/** A study that lies in `received`. */
export interface StudyBefore {
  readonly studyUid: string
  readonly objects: number
}

/** A day of a busy department is opened again; a year of it would hold up who wants to read. */
const MOST_OBJECTS = 20_000
const MOST_STUDIES = 100

/** What was received before the program started, newest first, within bounds; `studiesLeft`: how many older ones lie there. */
export async function receivedBefore({ received }: Pick<ArchiveFolder, 'received'>): Promise<{
  readonly studies: readonly StudyBefore[]
  readonly studiesLeft: number
}> {
  const found = await Promise.all((await namesIn(received)).map((name) => changedAt(received, name)))
  const newest = found.sort((a, b) => b.changedMs - a.changedMs)
  const studies: StudyBefore[] = []
  let objects = 0
  for (const { studyUid, series } of newest) {
    const counts = await Promise.all(series.map((name) => objectsIn(join(received, studyUid, name))))
    const count = counts.reduce((sum, one) => sum + one, 0)
    // The newest comes back however large it is.
    if (studies.length === MOST_STUDIES || (studies.length > 0 && objects + count > MOST_OBJECTS)) break
    objects += count
    studies.push({ studyUid, objects: count })
  }
  return { studies, studiesLeft: newest.length - studies.length }
}

/** An object that comes changes the folder of its series. */
async function changedAt(
  received: string,
  studyUid: string,
): Promise<{ readonly studyUid: string; readonly series: readonly string[]; readonly changedMs: number }> {
  const series = await namesIn(join(received, studyUid))
  const folders = series.map((name) => join(received, studyUid, name))
  const times = await Promise.all(
    folders.map((at) =>
      stat(at).then(
        ({ mtimeMs }) => mtimeMs,
        () => 0,
      ),
    ),
  )
  return { studyUid, series, changedMs: Math.max(0, ...times) }
}

const objectsIn = async (series: string): Promise<number> =>
  (await namesIn(series)).filter((name) => name.endsWith('.dcm')).length

/** None where nothing was ever received. */
const namesIn = (folder: string): Promise<readonly string[]> => readdir(folder).catch(() => [])
