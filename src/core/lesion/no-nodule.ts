import type { LesionReport, SliceReport, Warning } from '../../contract'
import { isOpenEnded } from '../words/lesion-words'
import { formatCount, NO_BREAK } from '../words/numbers'
import { notCalibrated } from '../uncertainty/calibration-scope'
import type { SeriesPlaces } from './series-places'

/**
 * What is longer than this along the slices is no nodule: a nodule is at most 30 mm across (Fleischner Society;
 * Hansell et al., Radiology 2008;246:697), what is larger a mass, and the largest class of lung tumours begins beyond
 * 70 mm (TNM, 8th edition). A vessel is followed for as long as the series shows it.
 */
const LONGEST_MM = 100
/** The same where distances between slices are not known. */
const MOST_SLICES = 60

const NO_NODULE = 'no-nodule'

/** Said of a lesion that was followed farther than any nodule goes; null of any other. `own`: its slices, ascending. */
export function tooLong(own: readonly number[], { slabs, alongMm }: SeriesPlaces): Warning | null {
  const [first, last] = [own[0], own.at(-1)]
  if (first === undefined || last === undefined) return null
  if (slabs === null)
    return own.length > MOST_SLICES ? warning(`${formatCount(own.length)}${NO_BREAK}slices`) : null
  const ends = ((slabs.thicknessMm[first] ?? 0) + (slabs.thicknessMm[last] ?? 0)) / 2
  const lengthMm = Math.abs(alongMm(last) - alongMm(first)) + ends
  return lengthMm > LONGEST_MM ? warning(`${formatCount(Math.round(lengthMm))}${NO_BREAK}mm`) : null
}

const warning = (length: string): Warning => ({
  code: NO_NODULE,
  text: `Followed over ${length}: this is no nodule. It may be a vessel.`,
})

/** What a report says of a lesion that is longer than any nodule; null of any other. */
export const noNodule = ({ warnings }: Pick<LesionReport, 'warnings'>): string | null =>
  warnings.find(({ code }) => code === NO_NODULE)?.text ?? null

/** The report on a slice of a lesion: what is no nodule lies outside of what intervals were calibrated on. */
export const sliceOfLesion = (report: SliceReport, lesion: Pick<LesionReport, 'warnings'>): SliceReport =>
  noNodule(lesion) === null || report.calibration?.kind !== 'calibrated'
    ? report
    : notCalibrated(report, 'it is for nodules, and this is longer than any')

/** Said where the following stopped before the lesion's own end; null where it did not. */
export const atLeast = (ends: LesionReport['ends']): Warning | null =>
  isOpenEnded({ ends })
    ? {
        code: 'sizes-at-least',
        text: 'The lesion was not followed to its end: its volume and diameters are at least those given, and no upper bound is known.',
      }
    : null
