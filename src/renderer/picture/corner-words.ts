import type { ImageSummary, SeriesDetail } from '../../contract'
import type { CornerTexts, ViewportWindow } from '../viewer/viewport-types'
import { eyeOf, kindOfSeries, subjectOfSeries } from '../../core/words/case-words'
import { formatDicomDate, formatNumber, formatPlain, NO_BREAK } from '../../core/words/numbers'
import { isSameWindow, windowWords } from './window-presets'

const joined = (parts: readonly string[]): string => parts.filter((part) => part !== '').join(', ')

/** What the corners of a slice say: who, what and when; series and kernel; window and place along the axis. */
export function seriesCorners(
  detail: SeriesDetail,
  index: number,
  window: ViewportWindow | null,
  inverted: boolean,
): CornerTexts {
  const { summary } = detail
  const date = formatDicomDate(detail.seriesDate === '' ? summary.studyDate : detail.seriesDate)
  const number = summary.seriesNumber === null ? '' : `Series ${summary.seriesNumber}`
  const voltage = detail.kilovoltagePeak === '' ? '' : `${detail.kilovoltagePeak}${NO_BREAK}kV`
  const thickness =
    detail.sliceThicknessMm === null
      ? 'slice thickness not stated'
      : `${formatPlain(detail.sliceThicknessMm)}${NO_BREAK}mm slices`
  const z = detail.slices[index]?.positionMm?.[2]
  const topRight = [
    joined([number, detail.kernel, voltage]),
    thickness,
    detail.lossy ? 'lossy compression' : '',
  ]
  // What the file calls this window, where it has a word for it.
  const named = detail.windows.find((one) => isSameWindow(one, window) && one.label !== 'from the file')
  const words = window === null ? 'all values' : windowWords(window)
  const windowLine = named === undefined ? words : `${words}${NO_BREAK} ${named.label}`
  return {
    topLeft: [subjectOfSeries(summary), joined([kindOfSeries(summary), date])],
    topRight: topRight.filter((line) => line !== ''),
    bottomLeft: [
      inverted ? `${windowLine}, inverted` : windowLine,
      z === undefined ? 'position not stated' : `z ${formatNumber(z, 1)}${NO_BREAK}mm`,
    ],
    bottomRight: [],
  }
}

/** What the corners of a photograph say. */
export function imageCorners(image: ImageSummary): CornerTexts {
  const [format = ''] = image.format.toUpperCase().split(' ')
  const lossy = /jpe?g|lossy/i.test(image.format) ? `${format} (lossy)` : format
  return {
    topLeft: [image.name, joined([image.patientId ?? '', eyeOf(image)])],
    topRight: [lossy, 'nasal and temporal not stated in the file'],
    bottomLeft: [],
    bottomRight: [],
  }
}
