/**
 * Names of mask pictures. A picture belongs to a slice when its name holds the slice's SOP Instance UID (with
 * `_frame-2` behind it for the second frame of a multi-frame file) or `slice-12`: the 12th slice, counted from 1 along
 * the normal as voxels are, whatever its number on the page (decision 0074); `slice-12-of-40` only in a series of 40 slices. A name with the UID of another
 * image leads nowhere, whatever number stands beside it. `structure-2` in the name or in a folder says which structure;
 * without it, it is the first. On a photograph the slice is left out.
 */
import type { Warning } from '../../../contract'
import { uidInFiles } from '../../dicom/made-up-uid'
import { type ImageTarget, sliceByReference, type SeriesTarget } from '../image-target'

const SLICE = /(?:^|[^a-z])slice[-_ ]?(\d{1,6})(?!\d)(?:[-_ ]of[-_ ](\d{1,6}))?/i
const STRUCTURE = /(?:^|[^a-z])structure[-_ ]?(\d{1,6})(?!\d)/i
const FRAME = /_frame-(\d{1,6})(?!\d)/i
const UID = /\d+(?:\.\d+){2,}/g
/** Shorter numbers with dots are dates and versions. */
const SHORTEST_UID = 12
const LONGEST_NAME = 60

const baseName = (path: string): string => path.split(/[\\/]/).at(-1) ?? ''
export const stemOf = (path: string): string => baseName(path).replace(/\.[A-Za-z]{1,5}$/, '')

/** Names are the same in whatever case and composition of letters they are written. */
export const nameKey = (name: string): string => stemOf(name).normalize('NFC').toLowerCase()

/** Said where slices were found by counting. */
export const countedWarnings = (count: number, what: string): readonly Warning[] =>
  count === 0
    ? []
    : [
        {
          code: 'placed-by-number',
          text: `${count} ${what} placed by the number in the name, counted along the normal (the first is the lowest); no UID confirms it.`,
        },
      ]

export interface NamedSlice {
  readonly index: number
  /** The name counts slices: true only as long as the series has the slices that it had. */
  readonly isCounted: boolean
}

/** The slice that a name means; null where it means none of this target. */
export function sliceOfName(target: ImageTarget, path: string): NamedSlice | null {
  if (target.kind === 'image') return { index: 0, isCounted: false }
  const find = sliceByReference(target)
  const frame = FRAME.exec(path)
  const stem = stemOf(path)
  const uids: readonly string[] = stem.match(UID) ?? []
  for (const uid of uids) {
    const index = find(uid, frame === null ? null : Number(frame[1]) - 1)
    if (index !== null) return { index, isCounted: false }
  }
  const isOther = (uid: string): boolean =>
    uid.length >= SHORTEST_UID && uid !== target.seriesUid && uid !== target.studyUid
  if (uids.some(isOther)) return null
  const [, number, of] = SLICE.exec(stem) ?? []
  const index = Number(number ?? '0') - 1
  if (index < 0 || index >= target.slices.length) return null
  return of !== undefined && Number(of) !== target.slices.length ? null : { index, isCounted: true }
}

/** Number of the structure that a name means. */
export const structureOfName = (path: string): number => Number(STRUCTURE.exec(path)?.[1] ?? '1')

/** How a slice is named in files that refer to it: its instance, and its frame where there are several; its number of all where it has none. */
export function nameOfSlice(target: SeriesTarget, index: number): string {
  const slice = target.slices[index]
  if (slice === undefined) return ''
  if (uidInFiles(slice.sopInstanceUid) === null) return `slice-${index + 1}-of-${target.slices.length}`
  const isShared = target.slices.some(
    (other, at) => at !== index && other.sopInstanceUid === slice.sopInstanceUid,
  )
  return isShared ? `${slice.sopInstanceUid}_frame-${slice.frame + 1}` : slice.sopInstanceUid
}

/** A reader's name as part of a path on every system; what cannot stand there becomes a dash. */
export function pathPart(name: string, fallback: string): string {
  const plain = name
    .normalize('NFKD')
    .replace(/[^A-Za-z0-9._-]+/g, '-')
    .replace(/^[-.]+|[-.]+$/g, '')
  return plain.slice(0, LONGEST_NAME) || fallback
}
