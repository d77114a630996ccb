import { folderOf } from '../../core/subject/folder-of'
import { imageSubject, seriesSubject } from '../../core/subject/subject'
import { pathOfSubject } from '../wire/subject-query'
import type { ScanResult, SeriesDetail, Subject } from '../../contract'
import { eyeOf, imageSize, nameOfSeries, pixelSize, slicesTimesStep } from '../../core/words/case-words'
import { formatCount } from '../../core/words/numbers'

/** A row of the list of series or photographs. */
export interface PictureRow {
  readonly subject: Subject
  readonly thumbnail: string
  readonly title: string
  readonly lines: readonly string[]
  readonly warning: string | null
}

export interface PictureRows {
  readonly note: string
  readonly rows: readonly PictureRow[]
}

/** What stands beside a subject in the list: the study's other series, or the folder's other photographs. */
export const pictureRows = (
  result: ScanResult | null,
  subject: Subject,
  details: ReadonlyMap<string, SeriesDetail>,
): PictureRows =>
  subject.kind === 'series'
    ? seriesRows(result, subject.seriesUid, details)
    : imageRows(result, subject.imageId)

const rowOf = (subject: Subject): Pick<PictureRow, 'subject' | 'thumbnail'> => ({
  subject,
  thumbnail: `${pathOfSubject(subject)}/thumbnail`,
})

/** The series of the study that the given one belongs to. */
function seriesRows(
  result: ScanResult | null,
  seriesUid: string,
  details: ReadonlyMap<string, SeriesDetail>,
): PictureRows {
  const all = result?.series ?? []
  const study = all.find((series) => series.seriesUid === seriesUid)?.studyUid
  const series = all.filter((one) => one.studyUid === study)
  const at = series.findIndex((one) => one.seriesUid === seriesUid)
  return {
    note: `${formatCount(at + 1)} of ${formatCount(series.length)}`,
    rows: series.map((one) => ({
      ...rowOf(seriesSubject(one.seriesUid)),
      title: nameOfSeries(one, details.get(one.seriesUid) ?? null),
      lines: [slicesTimesStep(one), pixelSize(one)],
      warning: one.warnings[0]?.text ?? null,
    })),
  }
}

/** The photographs that lie in the same folder as the given one. */
function imageRows(result: ScanResult | null, imageId: string): PictureRows {
  const all = result?.images ?? []
  const folder = folderOf(all.find((image) => image.imageId === imageId)?.path ?? '')
  const images = all.filter((image) => folderOf(image.path) === folder)
  return {
    note: formatCount(images.length),
    rows: images.map((image) => ({
      ...rowOf(imageSubject(image.imageId)),
      title: image.name,
      lines: [eyeOf(image), imageSize(image)],
      warning: image.warnings[0]?.text ?? null,
    })),
  }
}
