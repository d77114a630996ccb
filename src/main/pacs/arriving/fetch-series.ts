import { existsSync, readdirSync, rmdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Fetched, FetchProgress, FetchRequest } from '../../../contract'
import type { ListedObject } from '../../../core/pacs/matches'
import { MOST_OBJECTS } from '../archive'
import type { Archive } from '../archive'
import type { ArchiveFolder } from '../archive-folder'
import { PacsFailure } from '../pacs-failure'
import { arriveIn } from './arrivals'

export interface FetchGround {
  /** What the archive is called. */
  readonly name: string
  readonly archive: Archive
  readonly folder: ArchiveFolder
  readonly onProgress: (progress: FetchProgress) => void
}

/** Each object once, whatever the archive lists. */
const distinct = (objects: readonly ListedObject[]): readonly ListedObject[] => [
  ...new Map(objects.map((object) => [object.sopInstanceUid, object])).values(),
]

/** Brings series here whole. What is here already is not fetched again. Throws `PacsFailure`, and errors of the connection. */
export async function fetchSeries(request: FetchRequest, ground: FetchGround): Promise<Fetched> {
  const { name, archive, folder, onProgress } = ground
  const { studyUid } = request
  const study = await archive.findStudy(studyUid)
  if (study === null) throw gone(name, 'study')
  const wanted = []
  const told = await archive.findSeries(studyUid)
  for (const seriesUid of new Set(request.seriesUids)) {
    const listed = distinct(await archive.findObjects(studyUid, seriesUid))
    if (listed.length === 0) throw gone(name, 'series')
    requireWhole(name, listed.length, told.find((one) => one.seriesUid === seriesUid)?.objects ?? null)
    wanted.push({ archive: name, studyUid, seriesUid, listed })
  }
  const objectsTotal = wanted.reduce((sum, { listed }) => sum + listed.length, 0)
  let [objectsDone, bytes, before] = [0, 0, 0]
  const tell = (): void => {
    onProgress({ objectsDone, objectsTotal, bytes })
  }
  let patientId = study.patientId === '' ? null : study.patientId
  for (const one of wanted) {
    const arrivals = arriveIn(folder, { ...one, patientId }, (came) => {
      objectsDone += 1
      bytes += came
      tell()
    })
    objectsDone += arrivals.hereBefore
    before += arrivals.hereBefore
    tell()
    if (arrivals.missing().length > 0) await archive.fetch(arrivals)
    const missing = arrivals.missing().length
    if (missing > 0)
      throw new PacsFailure(
        'pacs-damaged',
        `${name} lists ${one.listed.length} objects of the series and sent all but ${missing}.`,
        'Fetch again: only those are fetched then. If it repeats, ask whoever runs the archive.',
      )
    arrivals.finish()
    patientId = arrivals.patientId()
  }
  removeEmpty(join(folder.arriving, studyUid))
  const fetchedNow = objectsTotal - before
  return { studyUid, folder: join(folder.received, studyUid), objects: objectsTotal, fetchedNow, bytes }
}

/** Half a series that is listed as all of it would be shown as all of it. `saidObjects`: what the archive says it has; null: nothing. */
function requireWhole(name: string, listedObjects: number, saidObjects: number | null): void {
  const next = 'Ask whoever runs the archive to list more at once (its limit of a search).'
  if (listedObjects >= MOST_OBJECTS)
    throw new PacsFailure(
      'limit-reached',
      `${name} lists ${MOST_OBJECTS} objects of the series or more; a series of so many is not fetched.`,
      'Fetch the other series.',
    )
  if (saidObjects !== null && listedObjects < saidObjects)
    throw new PacsFailure(
      'limit-reached',
      `${name} says that the series has ${saidObjects} objects, and lists ${listedObjects} of them. Nothing was fetched: a part would look like the whole.`,
      next,
    )
}

const gone = (name: string, what: string): PacsFailure =>
  new PacsFailure('not-found', `${name} does not have that ${what}, or no more.`, 'Search again.')

function removeEmpty(folder: string): void {
  if (existsSync(folder) && readdirSync(folder).length === 0) rmdirSync(folder)
}
