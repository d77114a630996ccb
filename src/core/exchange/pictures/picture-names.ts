/**
 * Names of mask pictures. A picture belongs to a slice when its name holds the slice's SOP Instance UID (with
 * `_frame-2` behind it for the second frame of a multi-frame file) or `slice-12`: the 12th slice, counted from 1 along
 * the normal, as the viewer counts. `structure-2` in the name or in a folder says which structure; without it, it is
 * the first. On a photograph the slice is left out.
 */
import { uidInFiles } from '../../dicom/made-up-uid'
import { type ImageTarget, sliceByReference, type SeriesTarget } from '../image-target'

const SLICE = /(?:^|[^a-z])slice[-_ ]?(\d{1,6})(?!\d)/i
const STRUCTURE = /(?:^|[^a-z])structure[-_ ]?(\d{1,6})(?!\d)/i
const FRAME = /_frame-(\d{1,6})(?!\d)/i
const UID = /\d+(?:\.\d+){2,}/g
const LONGEST_NAME = 60

const baseName = (path: string): string => path.split(/[\\/]/).at(-1) ?? ''
export const stemOf = (path: string): string => baseName(path).replace(/\.[A-Za-z]{1,5}$/, '')

/** Index of the slice that a name means; null where it means none of this target. */
export function sliceOfName(target: ImageTarget, path: string): number | null {
  if (target.kind === 'photograph') return 0
  const find = sliceByReference(target)
  const frame = FRAME.exec(path)
  const stem = stemOf(path)
  for (const uid of stem.match(UID) ?? []) {
    const index = find(uid, frame === null ? null : Number(frame[1]) - 1)
    if (index !== null) return index
  }
  const counted = SLICE.exec(stem)
  const index = counted === null ? -1 : Number(counted[1]) - 1
  return index >= 0 && index < target.slices.length ? index : null
}

/** Number of the structure that a name means. */
export const structureOfName = (path: string): number => Number(STRUCTURE.exec(path)?.[1] ?? '1')

/** How a slice is named in files that refer to it: its instance (its number where it has none), and its frame where there are several. */
export function nameOfSlice(target: SeriesTarget, index: number): string {
  const slice = target.slices[index]
  if (slice === undefined) return ''
  if (uidInFiles(slice.sopInstanceUid) === null) return `slice-${index + 1}`
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
