import type { LesionReport, LesionSizes, NoduleKind, PrintedLesion } from '../../contract'
import { tooThick } from '../../core/guidelines/fleischner-2017'
import { printedSizes } from '../figures/printed-sizes'
import { guidelineShares } from '../../core/guidelines/guideline-shares'

/** A lesion without the value of each sample and without names of runs, so that the same command prints the same. */
export function printedLesion(report: LesionReport, kind: NoduleKind | null): PrintedLesion {
  const { sizes, slices, warnings, ...rest } = report
  const thick = kind === null ? null : tooThick(report.sliceThicknessMm)
  return {
    ...rest,
    warnings: thick === null ? warnings : [...warnings, thick],
    slices: slices.map(({ runId: _runId, ...slice }) => slice),
    sizes: printedSizes(SIZE_NAMES, sizes),
    classes: kind === null ? null : { kind, shares: [...guidelineShares(report, kind)] },
  }
}

const SIZE_NAMES = [
  'volumeMm3',
  'meanDiameterMm',
  'longAxisMm',
  'shortAxisMm',
  'longestDiameterMm',
  'meanHu',
] as const satisfies readonly (keyof LesionSizes)[]
