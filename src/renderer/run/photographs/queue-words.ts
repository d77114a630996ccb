import type { ImageSummary, PhotographRow } from '../../../contract'
import { formatCount, formatPlural } from '../../../core/words/numbers'

/** The photograph that is being drawn, and how many of its samples are. */
export interface DrawnNow {
  readonly image: ImageSummary
  readonly drawn: number
}

export const samplesWords = ({ drawn }: Pick<DrawnNow, 'drawn'>, samples: number): string =>
  `${formatCount(drawn)} of ${formatPlural(samples, 'sample')}`

/** `Image_01L.jpg, 34 of 100 samples`. */
export const queueWords = (current: DrawnNow | null, samples: number): string =>
  current === null ? 'Looking at what comes next' : `${current.image.name}, ${samplesWords(current, samples)}`

/** How the field of view was found: so of nearly every photograph without a mask, and no cause for alarm. */
const QUIET = 'field-of-view-found'

/** What is to be known of a row, weightiest first, and whether it warns. */
export function rowWords({ refusal, warnings }: PhotographRow): readonly {
  readonly text: string
  readonly weight: 'error' | 'warn' | 'note'
}[] {
  const failed = refusal === null ? [] : [{ text: refusal.reason, weight: 'error' as const }]
  const warn = warnings.filter(({ code }) => code !== QUIET)
  const quiet = warnings.filter(({ code }) => code === QUIET)
  return [
    ...failed,
    ...warn.map(({ text }) => ({ text, weight: 'warn' as const })),
    ...quiet.map(({ text }) => ({ text, weight: 'note' as const })),
  ]
}
