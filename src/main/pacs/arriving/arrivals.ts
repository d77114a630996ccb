import { existsSync, mkdirSync, readdirSync, renameSync, rmdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { ListedObject } from '../../../core/pacs/matches'
import { FOLDER_MODE } from '../../workspace/folder-upkeep'
import type { ArchiveFolder } from '../archive-folder'
import { PacsFailure } from '../pacs-failure'
import { lookAtObject } from './look-at-object'
import { beginPassing, sweepPassing } from './passing-file'
import type { Arrival } from './passing-file'

/**
 * A series on its way to the disk. Objects are written under a passing name, looked at when they are whole, and named;
 * a series is where it can be opened only when all of it is there. Writing is done in the calling thread, one of its
 * own, so that the archive sends no faster than the disk takes.
 */
export interface Arrivals {
  readonly studyUid: string
  readonly seriesUid: string
  readonly listed: readonly ListedObject[]
  readonly missing: () => readonly ListedObject[]
  /** The next object; its bytes follow. */
  readonly begin: () => Arrival
}

export interface Wanted {
  /** What the archive is called. */
  readonly archive: string
  readonly studyUid: string
  readonly seriesUid: string
  /** Whose study the archive says that it is; null: it does not say, and the first object does. */
  readonly patientId: string | null
  readonly listed: readonly ListedObject[]
}

export interface SeriesArrivals extends Arrivals {
  /** Objects that were here before, whole. */
  readonly hereBefore: number
  readonly patientId: () => string | null
  /** Puts the series where it can be opened. */
  readonly finish: () => void
}

const damaged = (archive: string, what: string): PacsFailure =>
  new PacsFailure(
    'pacs-damaged',
    `${archive} sent ${what}`,
    'Fetch again; what came whole before is kept. If it repeats, ask whoever runs the archive.',
  )

/** The series as the folder holds it already, and the way in for what is missing. */
export function arriveIn(
  folder: ArchiveFolder,
  wanted: Wanted,
  onKept: (bytes: number) => void,
): SeriesArrivals {
  const { archive, studyUid, seriesUid, listed } = wanted
  const arriving = join(folder.arriving, studyUid, seriesUid)
  const received = join(folder.received, studyUid, seriesUid)
  mkdirSync(arriving, { recursive: true, mode: FOLDER_MODE })
  sweepPassing(arriving)
  let patientId = wanted.patientId
  /** Throws where it is another's; what is not in the list is not asked for. */
  const claim = (path: string): string => {
    const found = lookAtObject(path)
    if (typeof found === 'string') throw damaged(archive, `an object that is damaged: ${found}`)
    const isAsked = found.studyUid === studyUid && found.seriesUid === seriesUid
    if (patientId !== null && found.patientId !== patientId)
      throw new PacsFailure(
        'pacs-mismatch',
        `${archive} sent an image of another patient than was asked for. It was not kept, and the fetch was ended.`,
        'Tell whoever runs the archive.',
      )
    if (!isAsked || !listed.some(({ sopInstanceUid }) => sopInstanceUid === found.sopInstanceUid))
      throw new PacsFailure(
        'pacs-mismatch',
        `${archive} sent an image that was not asked for (${found.sopInstanceUid || 'without a UID'}). It was not kept, and the fetch was ended.`,
        'Tell whoever runs the archive.',
      )
    patientId ??= found.patientId
    return found.sopInstanceUid
  }
  const here = new Set(
    listed
      .map(({ sopInstanceUid }) => sopInstanceUid)
      .filter((uid) => [arriving, received].some((at) => isWhole(join(at, `${uid}.dcm`), uid, claim))),
  )
  return {
    ...{ studyUid, seriesUid, listed, hereBefore: here.size },
    patientId: () => patientId,
    missing: () => listed.filter(({ sopInstanceUid }) => !here.has(sopInstanceUid)),
    begin: () =>
      beginPassing(arriving, {
        tooLarge: () => damaged(archive, 'an object of more than two gibibytes.'),
        keep: (path, bytes) => {
          const uid = claim(path)
          if (here.has(uid)) rmSync(path, { force: true })
          else renameSync(path, join(arriving, `${uid}.dcm`))
          if (here.has(uid)) return
          here.add(uid)
          onKept(bytes)
        },
      }),
    finish: () => {
      moveInto(arriving, received)
    },
  }
}

/** Whether this very object is there from before, and still is what it was; a damaged one goes, to be fetched again. */
function isWhole(path: string, uid: string, claim: (path: string) => string): boolean {
  if (!existsSync(path)) return false
  try {
    if (claim(path) === uid) return true
  } catch (error) {
    if (!(error instanceof PacsFailure)) throw error
  }
  rmSync(path, { force: true })
  return false
}

/** The folder whole under its name; where a part of the series is there already, file by file. */
function moveInto(arriving: string, received: string): void {
  if (!existsSync(received)) {
    mkdirSync(join(received, '..'), { recursive: true, mode: FOLDER_MODE })
    renameSync(arriving, received)
    return
  }
  for (const name of readdirSync(arriving).filter((each) => each.endsWith('.dcm')))
    renameSync(join(arriving, name), join(received, name))
  if (readdirSync(arriving).length === 0) rmdirSync(arriving)
}
