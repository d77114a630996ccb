import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readSync,
  statfsSync,
  statSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { DicomUid } from '../../../contract'
import { writeFileMeta } from '../../../core/dicom/write/write-dicom'
import { FOLDER_MODE } from '../../workspace/folder-upkeep'
import type { ArchiveFolder } from '../archive-folder'
import { lookAtObject } from '../arriving/look-at-object'
import type { LookedAt } from '../arriving/look-at-object'
import { beginPassing, nameWhereNone, sweepPassing } from '../arriving/passing-file'
import type { Arrival } from '../arriving/passing-file'
import { studyWithSeries } from '../arriving/series-elsewhere'
import { studyPatient } from '../arriving/study-patient'
import type { StudyPatient } from '../arriving/study-patient'
import { whatIsHere } from './what-is-here'
import type { Here } from './what-is-here'

/** What a sender says of an object before its bytes come. */
export interface Announced {
  readonly sopClassUid: string
  readonly sopInstanceUid: string
  readonly transferSyntaxUid: string
}

/** An object that is on the disk now. */
export interface Kept {
  readonly studyUid: string
  readonly seriesUid: string
  readonly sopInstanceUid: string
  /** false: the same object was here before. */
  readonly isNew: boolean
}

/** Where objects go that are sent here, each whole or not at all. Works in the calling thread, one of its own. */
export interface ReceivedObjects {
  /** Throws `ObjectRefused`. */
  readonly begin: (announced: Announced) => ReceivedObject
}

export interface ReceivedObject {
  readonly write: (bytes: Uint8Array) => void
  /** All bytes are here; it is on the disk under its name when this returns. Throws `ObjectRefused`; nothing of it stays. */
  readonly keep: () => Kept
  readonly drop: () => void
}

/** Statuses of C-STORE (PS3.7 9.1.1.1.9, annex C; PS3.4 B.2.3). */
export const STATUS = {
  success: 0,
  outOfResources: 0xa700,
  otherClass: 0xa900,
  notUnderstood: 0xc000,
  duplicate: 0x0111,
  unknownOperation: 0x0211,
} as const

/**
 * An object that is not taken: what its sender is told. The association goes on. `words`: 64 characters at most, no word
 * of a patient. `note`: what the owner is told, which may be longer.
 */
export class ObjectRefused extends Error {
  readonly status: number
  readonly note: string
  constructor(status: number, words: string, note = words) {
    super(words)
    this.status = status
    this.note = note
  }
}

const NO_ROOM = new Set(['ENOSPC', 'EDQUOT', 'EFBIG'])
const MEGABYTE = 1_000_000
/** How many bytes come between two looks at what is free. */
const LOOK_EVERY_BYTES = 64 * MEGABYTE
const COMPARED_BYTES = 1_048_576

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error ? String(error.code) : ''

/** What the disk throws, as what the sender is told. */
function onDisk<T>(work: () => T): T {
  try {
    return work()
  } catch (error) {
    const code = codeOf(error)
    if (code === '') throw error
    const why = NO_ROOM.has(code) ? 'the disk is full' : `the disk does not take it (${code})`
    throw new ObjectRefused(STATUS.outOfResources, why)
  }
}

interface Ground {
  readonly folder: ArchiveFolder
  readonly keepFreeBytes: number
  readonly here: Here
  /** Whose a study is. */
  readonly patients: Map<string, StudyPatient>
  /** Series that lie in no other study, each with an object of it that is here. */
  readonly ownSeries: Map<string, string>
}

/** What lies in `received` is known from here on; what a killed program was writing goes. */
export function openReceived(folder: ArchiveFolder, keepFreeBytes: number): ReceivedObjects {
  for (const at of [folder.incoming, folder.received]) mkdirSync(at, { recursive: true, mode: FOLDER_MODE })
  sweepPassing(folder.incoming, true)
  const here = whatIsHere(folder.received)
  const ground: Ground = { folder, keepFreeBytes, here, patients: new Map(), ownSeries: new Map() }
  return { begin: (announced) => beginObject(ground, announced) }
}

function beginObject(ground: Ground, announced: Announced): ReceivedObject {
  const { folder } = ground
  if (Object.values(announced).some((uid) => !DicomUid.safeParse(uid).success))
    throw new ObjectRefused(STATUS.notUnderstood, 'the object does not say what it is')
  requireRoom(ground)
  let kept: Kept | null = null
  const arrival: Arrival = onDisk(() =>
    beginPassing(folder.incoming, {
      tooLarge: () => new ObjectRefused(STATUS.outOfResources, 'the object has more than two gibibytes'),
      keep: (path) => {
        kept = take(ground, announced, path)
      },
    }),
  )
  let unlookedBytes = 0
  const write = (bytes: Uint8Array): void => {
    unlookedBytes += bytes.byteLength
    if (unlookedBytes >= LOOK_EVERY_BYTES) {
      requireRoom(ground)
      unlookedBytes = 0
    }
    onDisk(() => {
      arrival.write(bytes)
    })
  }
  write(writeFileMeta(announced))
  return {
    write,
    keep: () => {
      onDisk(arrival.keep)
      if (kept === null) throw new ObjectRefused(STATUS.outOfResources, 'the object was not kept')
      return kept
    },
    drop: arrival.drop,
  }
}

function requireRoom({ folder, keepFreeBytes }: Ground): void {
  const { bavail, bsize } = onDisk(() => statfsSync(folder.incoming))
  if (bavail * bsize < keepFreeBytes)
    throw new ObjectRefused(STATUS.outOfResources, 'too little room is left on the disk')
}

/** Names an object that is whole and synced, where it is what was announced and nothing else is here under its name. */
function take(ground: Ground, announced: Announced, path: string): Kept {
  const { folder, here } = ground
  const found = lookAtObject(path)
  if (typeof found === 'string') throw new ObjectRefused(STATUS.notUnderstood, 'the object is damaged')
  if (found.sopClassUid !== announced.sopClassUid)
    throw new ObjectRefused(STATUS.otherClass, 'its SOP class is another one than was announced')
  if (found.sopInstanceUid !== announced.sopInstanceUid)
    throw new ObjectRefused(STATUS.notUnderstood, 'it has another UID than was announced')
  const { studyUid, seriesUid, sopInstanceUid } = found
  if ([studyUid, seriesUid].some((uid) => !DicomUid.safeParse(uid).success))
    throw new ObjectRefused(STATUS.notUnderstood, 'it has no UID of its study or series')
  const series = join(folder.received, studyUid, seriesUid)
  const name = join(series, `${sopInstanceUid}.dcm`)
  // What a fetch brought meanwhile lies where it would go itself.
  const before = existsSync(name) ? name : here.pathOf(sopInstanceUid)
  if (before !== null && existsSync(before)) {
    if (!isSame(path, found, before))
      throw new ObjectRefused(STATUS.duplicate, 'another object is here under the same UID')
    here.add(dirname(before), sopInstanceUid)
    return { studyUid, seriesUid, sopInstanceUid, isNew: false }
  }
  claimStudy(ground, found, name)
  claimSeries(ground, found, name)
  mkdirSync(series, { recursive: true, mode: FOLDER_MODE })
  // A fetch may bring it at the same moment.
  if (!nameWhereNone(path, name)) throw new ObjectRefused(STATUS.duplicate, 'it comes twice at once')
  for (const at of [series, dirname(series), folder.received]) syncFolder(at)
  here.add(series, sopInstanceUid)
  return { studyUid, seriesUid, sopInstanceUid, isNew: true }
}

/** A study is one patient's: what was found of it counts while the object that said so is here. */
function claimStudy({ folder, patients }: Ground, { studyUid, patientId }: LookedAt, name: string): void {
  const before = patients.get(studyUid)
  const known =
    before !== undefined && existsSync(before.said) ? before : studyPatient(join(folder.received, studyUid))
  if (known !== null && known.patientId !== patientId)
    throw new ObjectRefused(STATUS.notUnderstood, 'its study is here as that of another patient')
  patients.set(studyUid, known ?? { patientId, said: name })
}

/** A series is of one study (PS3.3 7.6): what was found of it counts while an object of it is here. */
function claimSeries({ folder, ownSeries }: Ground, { studyUid, seriesUid }: LookedAt, name: string): void {
  const key = `${studyUid}/${seriesUid}`
  const known = ownSeries.get(key)
  if (known !== undefined && existsSync(known)) return
  const other = studyWithSeries(folder.received, studyUid, seriesUid)
  if (other !== null)
    throw new ObjectRefused(
      STATUS.notUnderstood,
      'its series is here in another study',
      `its series ${seriesUid} is here in the study ${other}, and it says the study ${studyUid}`,
    )
  ownSeries.set(key, name)
}

/** Whether two files hold the same data set in the same transfer syntax, whoever wrote the group before it. */
function isSame(path: string, found: LookedAt, before: string): boolean {
  const other = lookAtObject(before)
  if (typeof other === 'string' || other.transferSyntaxUid !== found.transferSyntaxUid) return false
  const length = statSync(path).size - found.dataSetAt
  if (statSync(before).size - other.dataSetAt !== length) return false
  const [one, two] = [openSync(path, 'r'), openSync(before, 'r')]
  try {
    const [a, b] = [Buffer.alloc(COMPARED_BYTES), Buffer.alloc(COMPARED_BYTES)]
    for (let at = 0; at < length; at += COMPARED_BYTES) {
      const bytes = readSync(one, a, 0, COMPARED_BYTES, found.dataSetAt + at)
      readSync(two, b, 0, COMPARED_BYTES, other.dataSetAt + at)
      if (a.compare(b, 0, bytes, 0, bytes) !== 0) return false
    }
    return true
  } finally {
    closeSync(one)
    closeSync(two)
  }
}

/** So that the name outlives a loss of power too; Windows syncs no folders. */
function syncFolder(path: string): void {
  if (process.platform === 'win32') return
  const folder = openSync(path, 'r')
  try {
    fsyncSync(folder)
  } finally {
    closeSync(folder)
  }
}
