import { createHash } from 'node:crypto'
import { setImmediate as turn } from 'node:timers/promises'
import { accept, refuse } from '../../contract'
import type { PixelSpacing, Result, SeriesDetail, Slice, Subject } from '../../contract'
import { patientOfPhotograph } from '../../core/subject/eyes'
import type { LibraryService } from '../library/library-service'
import type { StoreCalls } from '../workspace/store-calls'
import type { SubjectKey } from '../workspace/store'
import { createSeriesKeys, type SeriesKeys } from './series-keys'

/** Bytes that are hashed in a few milliseconds. */
const HASHED_AT_ONCE = 4 * 1024 * 1024

/** A subject as it is kept and drawn on. */
export interface FoundSubject {
  readonly key: SubjectKey
  readonly widthPx: number
  readonly heightPx: number
  readonly pixelSpacingMm: PixelSpacing | null
  /** Whom it is of, as the file or its name says; null where neither does. */
  readonly patientId: string | null
  /** The series, or null for a photograph. */
  readonly detail: SeriesDetail | null
}

export interface Subjects {
  readonly find: (subject: Subject) => Promise<Result<FoundSubject>>
  /**
   * The key alone: also of what is no longer open, where it was open before. Refused with `annotation-mismatch`: what is
   * kept under the UID of a series was made on other images, or may have been.
   */
  readonly keyOf: (subject: Subject) => Promise<Result<SubjectKey>>
  /**
   * Looks among the photographs that are open for those of these keys: after a start none is known by its pixels yet.
   * What cannot be decoded is passed over.
   */
  readonly locate: (keys: readonly SubjectKey[]) => Promise<void>
  /** The subject of a key, where it is open now; of a photograph once it was found or located. */
  readonly subjectOf: (key: SubjectKey) => Promise<Subject | null>
  /** The slices of a series as it is open now; null for a photograph, and where it is not open. */
  readonly slicesOf: (key: SubjectKey) => Promise<readonly Slice[] | null>
}

/**
 * Finds what is open. A photograph is known by its pixels (sha256 of size and 8-bit RGB), so that a file that was
 * moved, renamed or saved again without loss keeps its readings.
 */
export function createSubjects(
  library: Pick<LibraryService, 'current' | 'photograph' | 'seriesDetail'>,
  store: Pick<StoreCalls, 'subjectsKept' | 'firstInstancesOf'>,
): Subjects {
  const seriesKeys = createSeriesKeys(library, store)
  /** By image, and the scan that it was found in: a file may hold other pixels after the next one. */
  const photographs = new Map<string, FoundSubject>()
  const imageOf = new Map<SubjectKey, string>()

  async function findPhotograph(imageId: string): Promise<Result<FoundSubject>> {
    const scanned = `${imageId}|${library.current().scannedAt}`
    const known = photographs.get(scanned)
    if (known !== undefined) return accept(known)
    const pixels = await library.photograph(imageId)
    if (!pixels.ok) return pixels
    const { description, bytes } = pixels.value
    const { widthPx, heightPx } = description
    const digest = await digestOfPixels(`${widthPx}x${heightPx}:`, bytes)
    const key = `image:${digest}`
    const about = { patientId: patientOf(library, imageId), pixelSpacingMm: null, detail: null }
    const found = { key, widthPx, heightPx, ...about }
    photographs.set(scanned, found)
    imageOf.set(key, imageId)
    return accept(found)
  }

  const find = (subject: Subject): Promise<Result<FoundSubject>> =>
    subject.kind === 'series'
      ? findSeries(library, seriesKeys, subject.seriesUid)
      : findPhotograph(subject.imageId)
  const photographOf = (key: SubjectKey): Subject | null => {
    const imageId = imageOf.get(key)
    return imageId === undefined ? null : { kind: 'image', imageId }
  }
  const subjectOf = async (key: SubjectKey): Promise<Subject | null> => {
    const seriesUid = await seriesKeys.uidOf(key)
    return seriesUid === null ? photographOf(key) : { kind: 'series', seriesUid }
  }
  async function locate(keys: readonly SubjectKey[]): Promise<void> {
    const wanted = keys.filter((key) => key.startsWith('image:'))
    for (const { imageId } of library.current().images)
      if (wanted.some((key) => photographOf(key) === null)) await findPhotograph(imageId)
  }
  return {
    find,
    locate,
    keyOf: async (subject) => {
      if (subject.kind === 'series') return seriesKeys.keyOf(subject.seriesUid)
      const found = await findPhotograph(subject.imageId)
      return found.ok ? accept(found.value.key) : found
    },
    subjectOf,
    slicesOf: async (key) => slicesOf(library, await subjectOf(key)),
  }
}

async function findSeries(
  library: Pick<LibraryService, 'seriesDetail'>,
  seriesKeys: SeriesKeys,
  seriesUid: string,
): Promise<Result<FoundSubject>> {
  const detail = library.seriesDetail(seriesUid)
  if (!detail.ok)
    return refuse(detail.refusal.code, detail.refusal.reason, {
      next: 'Open the folder that holds the series; its readings are kept.',
    })
  const key = await seriesKeys.keyOf(seriesUid)
  if (!key.ok) return key
  const { columns, rows, spacingMm, patientId } = detail.value.summary
  return accept({
    ...{ key: key.value, widthPx: columns, heightPx: rows },
    pixelSpacingMm: spacingMm === null ? null : { row: spacingMm.row, column: spacingMm.column },
    patientId: patientId === '' ? null : patientId,
    detail: detail.value,
  })
}

function patientOf(library: Pick<LibraryService, 'current'>, imageId: string): string | null {
  const image = library.current().images.find((one) => one.imageId === imageId)
  return image === undefined ? null : patientOfPhotograph(image)
}

/** The largest photograph has 192 MB: hashed at once it would keep everybody waiting. */
async function digestOfPixels(size: string, bytes: Uint8Array): Promise<string> {
  const hash = createHash('sha256').update(size)
  for (let at = 0; at < bytes.length; at += HASHED_AT_ONCE) {
    hash.update(bytes.subarray(at, at + HASHED_AT_ONCE))
    if (at + HASHED_AT_ONCE < bytes.length) await turn()
  }
  return hash.digest('hex')
}

function slicesOf(
  library: Pick<LibraryService, 'seriesDetail'>,
  subject: Subject | null,
): readonly Slice[] | null {
  const detail = subject?.kind === 'series' ? library.seriesDetail(subject.seriesUid) : null
  return detail?.ok === true ? detail.value.slices : null
}
