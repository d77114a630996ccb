import { existsSync, mkdirSync, readdirSync, renameSync, rmdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { ListedObject } from '../../../core/pacs/matches'
import { FOLDER_MODE } from '../../workspace/folder-upkeep'
import type { ArchiveFolder } from '../archive-folder'
import { PacsFailure } from '../pacs-failure'
import { lookAtObject } from './look-at-object'
import { beginPassing, nameWhereNone, sweepPassing } from './passing-file'
import type { Arrival } from './passing-file'
import { studyWithSeries } from './series-elsewhere'
import { patientOf } from './study-patient'

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

/** The series as the folder holds it already, and the way in for what is missing. Throws where it is here as another patient's. */
export function arriveIn(
  folder: ArchiveFolder,
  wanted: Wanted,
  onKept: (bytes: number) => void,
): SeriesArrivals {
  const { archive, studyUid, seriesUid, listed } = wanted
  const arriving = join(folder.arriving, studyUid, seriesUid)
  const received = join(folder.received, studyUid, seriesUid)
  const { uids, claim, claimStudy, isReceived, patientId } = claims(folder, wanted)
  claimStudy()
  mkdirSync(arriving, { recursive: true, mode: FOLDER_MODE })
  // A series is fetched once at a time: what this program left there is of a fetch that was ended.
  sweepPassing(arriving, true)
  const here = new Set(
    [...uids].filter((uid) => {
      const name = `${uid}.dcm`
      return isReceived(join(received, name), uid) || isWhole(join(arriving, name), uid, claim)
    }),
  )
  return {
    ...{ studyUid, seriesUid, listed, hereBefore: here.size },
    patientId,
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
      // A PACS may have sent images of the study here meanwhile.
      claimStudy()
      dropUnlisted(arriving, uids)
      moveInto(arriving, received)
    },
  }
}

interface Claims {
  /** Of the objects that are asked for. */
  readonly uids: ReadonlySet<string>
  readonly patientId: () => string | null
  /** UID of an object; throws where it is another's; what is not in the list is not asked for. */
  readonly claim: (path: string) => string
  /** Nothing is mixed into a study that is here as another patient's, nor a series that is here in another study: throws. */
  readonly claimStudy: () => void
  /** What can be read where it is opened and is something else than the archive says: throws; what is damaged is fetched again. */
  readonly isReceived: (path: string, uid: string) => boolean
}

/** Whose and what everything has to be. Nothing is touched. */
function claims(folder: ArchiveFolder, { archive, studyUid, seriesUid, listed, ...wanted }: Wanted): Claims {
  const uids = new Set(listed.map(({ sopInstanceUid }) => sopInstanceUid))
  let { patientId } = wanted
  const claim = (path: string): string => {
    const found = lookAtObject(path)
    if (typeof found === 'string') throw damaged(archive, `an object that is damaged: ${found}`)
    const isAsked = found.studyUid === studyUid && found.seriesUid === seriesUid
    if (patientId !== null && !isSamePatient(found.patientId, patientId)) throw ofAnother(archive)
    if (!isAsked || !uids.has(found.sopInstanceUid)) throw notAskedFor(archive, found.sopInstanceUid)
    patientId ??= found.patientId
    return found.sopInstanceUid
  }
  return {
    uids,
    patientId: () => patientId,
    claim,
    claimStudy: () => {
      const other = studyWithSeries(folder.received, studyUid, seriesUid)
      if (other !== null) throw hereInAnother(archive, { studyUid, seriesUid, other })
      const known = patientOf(join(folder.received, studyUid))
      if (known !== null && patientId !== null && !isSamePatient(known, patientId))
        throw hereAsAnother(archive, studyUid)
      patientId ??= known
    },
    isReceived: (path, uid) => {
      if (!existsSync(path)) return false
      try {
        return claim(path) === uid
      } catch (error) {
        if (!(error instanceof PacsFailure)) throw error
        if (error.refusal.code === 'pacs-mismatch')
          throw hereAsAnother(archive, studyUid, 'An image of the series')
        return false
      }
    },
  }
}

/** Blanks at the ends of an ID mean nothing (PS3.5 6.2, LO). */
const isSamePatient = (one: string, other: string): boolean => one.trim() === other.trim()

const hereAsAnother = (archive: string, studyUid: string, what = 'The study'): PacsFailure =>
  new PacsFailure(
    'pacs-mismatch',
    `${what} is here as that of another patient than ${archive} says. What is here stays as it is, and nothing was put beside it.`,
    `Ask whoever runs the archive which patient is right. To take the study as it is there, move archives/received/${studyUid} away first.`,
  )

const hereInAnother = (
  archive: string,
  { studyUid, seriesUid, other }: Pick<Wanted, 'studyUid' | 'seriesUid'> & { readonly other: string },
): PacsFailure =>
  new PacsFailure(
    'pacs-mismatch',
    `The series ${seriesUid} is here in the study ${other}; ${archive} says that it is of the study ${studyUid}. What is here stays as it is, and nothing was put beside it.`,
    `Ask whoever runs the archive which study is right. To take the series as it is there, move archives/received/${other}/${seriesUid} away first.`,
  )

const ofAnother = (archive: string): PacsFailure =>
  new PacsFailure(
    'pacs-mismatch',
    `${archive} sent an image of another patient than was asked for. It was not kept, and the fetch was ended.`,
    'Tell whoever runs the archive.',
  )

const notAskedFor = (archive: string, uid: string): PacsFailure =>
  new PacsFailure(
    'pacs-mismatch',
    `${archive} sent an image that was not asked for (${uid || 'without a UID'}). It was not kept, and the fetch was ended.`,
    'Tell whoever runs the archive.',
  )

/** Whether this very object waits there from a fetch that was broken off; what is no such object goes, to be fetched again. */
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

/** What was fetched once, and what the archive lists no more, does not come in with the rest. */
function dropUnlisted(arriving: string, uids: ReadonlySet<string>): void {
  for (const name of objectsIn(arriving))
    if (!uids.has(name.slice(0, -OBJECT.length))) rmSync(join(arriving, name), { force: true })
}

const OBJECT = '.dcm'
const objectsIn = (folder: string): readonly string[] =>
  readdirSync(folder).filter((name) => name.endsWith(OBJECT))

/** The folder whole under its name; where a part of the series is there already, file by file. */
function moveInto(arriving: string, received: string): void {
  mkdirSync(join(received, '..'), { recursive: true, mode: FOLDER_MODE })
  if (!existsSync(received) && isRenamed(arriving, received)) return
  mkdirSync(received, { recursive: true, mode: FOLDER_MODE })
  for (const name of objectsIn(arriving)) moveObject(join(arriving, name), join(received, name))
  if (readdirSync(arriving).length === 0) rmdirSync(arriving)
}

/** false: the folder came about meanwhile. */
function isRenamed(arriving: string, received: string): boolean {
  try {
    renameSync(arriving, received)
    return true
  } catch (error) {
    if (!existsSync(received)) throw error
    return false
  }
}

/** What can be read there stays what it was, whoever sent it: a PACS may have done so meanwhile. */
function moveObject(path: string, name: string): void {
  if (nameWhereNone(path, name)) return
  if (typeof lookAtObject(name) === 'string') renameSync(path, name)
  else rmSync(path, { force: true })
}
