import { accept, type ImageSummary, type ReportedImage, type Result, type SeriesDetail } from '../../contract'
import { uidInFiles } from '../../core/dicom/made-up-uid'
import type { LibraryService } from '../library/library-service'

/** What a run was drawn on: one of the two is null. */
export interface ImagedBy {
  readonly library: Pick<LibraryService, 'photograph'>
  readonly detail: SeriesDetail | null
  readonly image: ImageSummary | null
}

/**
 * Which image the figures of a run are of; null where nothing is open any more. `isNamed`: the name of a photograph's
 * file goes out too. Refused: a photograph that cannot be read.
 */
export async function reportedImage(
  { library, detail, image }: ImagedBy,
  isNamed: boolean,
): Promise<Result<ReportedImage | null>> {
  if (detail !== null) return accept({ kind: 'series', seriesUid: uidInFiles(detail.summary.seriesUid) })
  if (image === null) return accept(null)
  const body = await library.photograph(image.imageId)
  if (!body.ok) return body
  // Off the thread that serves: a large photograph has hundreds of megabytes.
  const hash = await crypto.subtle.digest('SHA-256', new Uint8Array(body.value.bytes))
  const pixelsSha256 = Buffer.from(hash).toString('hex')
  return accept({ kind: 'image', name: isNamed ? image.name : null, eye: image.eye, pixelsSha256 })
}
