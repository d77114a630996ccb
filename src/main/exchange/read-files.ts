import { accept, refuse } from '../../contract'
import type { ImportQuery, Refusal, Result, Warning } from '../../contract'
import type { Mask } from '../../core/image/mask'
import { encodeBoxMask } from '../../core/contour/box-mask'
import { bringIn, formatOf } from '../../core/exchange/bring-in'
import { countReadings, type ExchangeReading } from '../../core/exchange/exchange-reading'
import { type ImageTarget, slicesOfTarget } from '../../core/exchange/image-target'
import { instanceAt } from '../../core/subject/slice-places'
import type { ImportedContent } from '../readings/imported-reading'
import { inOwnThread, type ThreadLimits } from '../library/own-thread'
import { inflate } from './image-of-subject'

/** A file of another program, and the image that it is read onto; only data, so that it can go to another thread. */
export interface ReadJob {
  readonly kind: 'read'
  readonly path: string
  readonly bytes: Uint8Array
  readonly format: ImportQuery['format']
  readonly target: ImageTarget
  /** What it marks, where it is a picture; null: it is none. */
  readonly mask: Result<Mask> | null
}

/** What a file holds, as it is stored. */
export interface ReadFile {
  readonly readings: readonly { readonly reader: string; readonly content: string }[]
  readonly structures: number
  readonly slices: number
  readonly refused: readonly Refusal[]
  readonly warnings: readonly Warning[]
}

/**
 * The largest file that may be sent is read in a fraction of this on a slow computer. Outlines cost more than their bytes
 * say, each being filled and compared with the others: they have the time that a LIDC file beside a series has.
 */
const OUTLINES = { limitMs: 10_000, heapMb: 512 }
const MASKS = { limitMs: 30_000, heapMb: 512 }
const limitsOf = (format: ReadJob['format']): ThreadLimits =>
  format === 'coco' || format === 'rtstruct' || format === 'lidc-xml' ? OUTLINES : MASKS

const noPicture: Result<never> = refuse('picture-unsupported', 'The file is no PNG file.')

export function readHere({ path, bytes, format, target, mask }: ReadJob): Result<ReadFile> {
  const file = { path, bytes }
  const found = formatOf(file, inflate)
  if (!found.ok) return found
  if (found.value !== format)
    return refuse('annotation-mismatch', `The file is ${found.value}, not ${format}.`, {
      next: `Bring it in as ${found.value}.`,
    })
  const read = bringIn([file], target, inflate, () => mask ?? noPicture)
  const readings = read.broughtIn.flatMap((one) => one.readings)
  const [refused] = read.refused
  if (readings.length === 0 && refused !== undefined) return { ok: false, refusal: refused }
  const { structures, slices } = countReadings(readings)
  return accept({
    structures,
    slices,
    readings: readings.map((one) => ({
      reader: one.reader,
      content: JSON.stringify(contentOf(one, target)),
    })),
    refused: [...read.refused],
    warnings: read.broughtIn.flatMap(({ warnings }) => warnings),
  })
}

/** In a thread of its own; without the built worker (tests, the command line) here. */
export const readFile = (workerPath: string | null, job: ReadJob): Promise<Result<ReadFile>> =>
  workerPath === null
    ? Promise.resolve(readHere(job))
    : inOwnThread<ReadFile>(workerPath, job, job.bytes, limitsOf(job.format))

/** What is kept: each slice by its instance and frame, so that a slice which comes later moves none. */
const contentOf = ({ structures }: ExchangeReading, target: ImageTarget): ImportedContent => ({
  structures: structures.map(({ label, slices }) => ({
    label,
    slices: slices.map(({ sliceIndex, mask }) => ({
      sliceIndex,
      ...instanceAt(slicesOfTarget(target), sliceIndex),
      mask: encodeBoxMask(mask.mask, mask.originColumn, mask.originRow),
    })),
  })),
})
