/** Growth of a lesion that was followed for a rater in two series of one patient. */
import {
  accept,
  type GrowthRequest,
  type LesionGrowth,
  type Rater,
  refuse,
  type Result,
} from '../../contract'
import { datesApart, whyNotCompared } from '../../core/lesion/comparable'
import { type DatedLesion, growthBetween } from '../../core/lesion/growth'
import { growthFigures } from '../../core/lesion/growth-words'
import type { LibraryService } from '../library/library-service'
import type { KeptLesion, KeptRuns } from './kept-runs'

/** Refused: two patients, no dates or one day, two models, what is not kept, or was not followed to its end. */
export async function growthOfKept(
  library: Pick<LibraryService, 'current'>,
  keptRuns: Pick<KeptRuns, 'lesion'>,
  rater: Rater,
  { lesions }: GrowthRequest,
): Promise<Result<LesionGrowth>> {
  const [here, there] = lesions.map(({ target }) =>
    library.current().series.find(({ seriesUid }) => seriesUid === target.seriesUid),
  )
  if (here === undefined || there === undefined)
    return refuse('not-found', 'One of both series is not open.', { next: 'Open both dates, then compare.' })
  const apart = datesApart(here, there)
  if (!apart.ok) return apart
  const [one, other] = [await keptRuns.lesion(rater, lesions[0]), await keptRuns.lesion(rater, lesions[1])]
  if (!one.ok) return one
  if (!other.ok) return other
  if (one.value.modelSha256 !== other.value.modelSha256)
    return refuse('model-mismatch', 'Two models drew them: what differs may be the models.', {
      next: 'Follow the lesion at both dates with one model, then compare.',
    })
  const { days, isFirstEarlier } = apart.value
  const [before, after] = isFirstEarlier ? [one.value, other.value] : [other.value, one.value]
  for (const { report } of [before, after]) {
    const why = whyNotCompared(report)
    const date = report === before.report ? 'earlier' : 'later'
    if (why !== null) return refuse('request-invalid', `The lesion at the ${date} date: ${why}`)
  }
  const growth = growthBetween(datedOf(before), datedOf(after), days)
  if (growth === null) return refuse('request-invalid', 'On one of both dates no sample draws the lesion.')
  const [earlier, later] = isFirstEarlier ? [here, there] : [there, here]
  return accept({
    ...growthFigures(growth),
    earlier: { seriesUid: earlier.seriesUid, studyDate: earlier.studyDate },
    later: { seriesUid: later.seriesUid, studyDate: later.studyDate },
    command: commandOf(before, after, days),
  })
}

const datedOf = ({ report: { sizes } }: KeptLesion): DatedLesion => ({
  volumesMm3: sizes.volumeMm3?.values ?? [],
  meanDiametersMm: sizes.meanDiameterMm?.values ?? [],
})

/** Both lesions' tables, and the growth between them. */
function commandOf(before: KeptLesion, after: KeptLesion, days: number): string | null {
  if (before.command === null || after.command === null) return null
  const tables = (command: string, folder: string): string =>
    `${command} --whole-lesion --export csv --out ${folder}`
  const growth = `margin growth earlier/export/samples.csv later/export/samples.csv --days ${days}`
  return [tables(before.command, 'earlier'), tables(after.command, 'later'), growth].join(' && ')
}
