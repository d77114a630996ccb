import { accept, refuse } from '../../contract'
import type { Result, Subject } from '../../contract'
import type { ExportSource } from '../../core/exchange/derived-object'
import { photographTarget, seriesTarget, type ImageTarget } from '../../core/exchange/image-target'
import { ascii } from '../../core/dicom/text'
import type { Inflate } from '../../core/files/inflate'
import { findSourceSlices } from './source-slices'
import { inflateRaw } from '../library/decode/inflate'
import type { LibraryService } from '../library/library-service'

/** Deflated parts of exchange files. */
export const inflate: Inflate = (deflated, limitBytes) =>
  inflateRaw(deflated, limitBytes, { damaged: 'annotation-damaged', tooLarge: 'limit-reached' })

/** The opened image that readings of a subject go out from and come in onto. */
export function targetOf(library: LibraryService, subject: Subject): Result<ImageTarget> {
  if (subject.kind === 'image') {
    const image = library.current().images.find(({ imageId }) => imageId === subject.imageId)
    return image === undefined
      ? refuse('not-found', `There is no photograph ${subject.imageId}.`, { next: 'Open its folder.' })
      : accept(photographTarget(image))
  }
  const detail = library.seriesDetail(subject.seriesUid)
  return detail.ok ? accept(seriesTarget(detail.value, null)) : detail
}

/**
 * The headers of the source's files, copied to the letter into DICOM objects: of the slices that are marked, and of one
 * where nothing is. The target then knows its frame of reference.
 */
export async function sourceOf(
  library: LibraryService,
  subject: Subject,
  target: ImageTarget,
  markedSlices: ReadonlySet<number>,
): Promise<Result<ExportSource>> {
  if (target.kind !== 'series' || subject.kind !== 'series')
    return refuse('annotation-unsupported', 'A DICOM object refers to a series, not to a photograph.', {
      next: 'Choose PNG or COCO.',
    })
  const wanted = markedSlices.size > 0 ? markedSlices : new Set([Math.floor(target.slices.length / 2)])
  const found = await findSourceSlices(library, subject.seriesUid, wanted)
  if (!found.ok) return found
  const [first] = found.value.values()
  if (first === undefined) return refuse('not-found', 'The source files of the series were not found.')
  const frame = first.shared.get('FrameOfReferenceUID')
  const frameOfReferenceUid = frame === undefined ? null : ascii(frame).replace(/[\0 ]+$/, '')
  const slices = new Map([...found.value].map(([index, { slice }]) => [index, slice]))
  return accept({ target: { ...target, frameOfReferenceUid }, shared: first.shared, slices })
}
