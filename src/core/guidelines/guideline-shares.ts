import type { LesionReport, NoduleKind, PrintedLesion, SizeDistribution } from '../../contract'
import { noNodule } from '../lesion/no-nodule'
import { isOpenEnded } from '../words/lesion-words'
import { countClasses, type Cut } from './classes'
import { FLEISCHNER_2017, fleischnerDiameterCut, fleischnerVolumeCut } from './fleischner-2017'
import { LUNG_RADS_2022, lungRadsDiameterCut, lungRadsVolumeCut } from './lung-rads-2022'

type Classed = Pick<LesionReport, 'sizes' | 'ends' | 'warnings'>
type GuidelineShare = NonNullable<PrintedLesion['classes']>['shares'][number]

/**
 * How many samples fall into each guideline's classes: the size of each sample, rounded as that guideline does, then
 * counted. Shares of samples, not chances of a class. Samples that draw nothing are in none. What is longer than any
 * nodule has no classes, and a lesion that was not followed to its end none by volume.
 */
export function guidelineShares(report: Classed, kind: NoduleKind): readonly GuidelineShare[] {
  if (noNodule(report) !== null) return []
  const { sizes } = report
  const share = (
    guideline: string,
    measure: GuidelineShare['measure'],
    cut: (kind: NoduleKind) => Cut,
  ): GuidelineShare[] => {
    const isOpen = measure === 'volumeMm3' && isOpenEnded(report)
    const values = isOpen ? null : drawn(sizes[measure])
    return values === null ? [] : [{ guideline, measure, classes: [...countClasses(values, cut(kind))] }]
  }
  return [
    ...share(FLEISCHNER_2017, 'meanDiameterMm', fleischnerDiameterCut),
    ...share(FLEISCHNER_2017, 'volumeMm3', fleischnerVolumeCut),
    ...share(LUNG_RADS_2022, 'meanDiameterMm', lungRadsDiameterCut),
    ...share(LUNG_RADS_2022, 'volumeMm3', lungRadsVolumeCut),
  ]
}

const drawn = (distribution: SizeDistribution | undefined): readonly number[] | null =>
  distribution === undefined ? null : distribution.values.filter((value) => value !== null)
