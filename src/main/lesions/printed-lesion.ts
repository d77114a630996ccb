import type { LesionReport, LesionSizes, NoduleKind, PrintedLesion } from '../../contract'
import { tooThick } from '../../core/guidelines/fleischner-2017'
import { guidelineShares } from '../../core/guidelines/guideline-shares'

/** A lesion without the value of each sample and without names of runs, so that the same command prints the same. */
export function printedLesion(report: LesionReport, kind: NoduleKind | null): PrintedLesion {
  const { sizes, slices, warnings, ...rest } = report
  const thick = kind === null ? null : tooThick(report.sliceThicknessMm)
  return {
    ...rest,
    warnings: thick === null ? warnings : [...warnings, thick],
    slices: slices.map(({ runId: _runId, ...slice }) => slice),
    sizes: printedSizes(sizes),
    classes: kind === null ? null : { kind, shares: [...guidelineShares(sizes, kind)] },
  }
}

const NAMES = [
  'volumeMm3',
  'meanDiameterMm',
  'longAxisMm',
  'shortAxisMm',
  'longestDiameterMm',
  'meanHu',
] as const

function printedSizes(sizes: LesionSizes): PrintedLesion['sizes'] {
  const entries = NAMES.flatMap((name) => {
    const size = sizes[name]
    if (size === undefined) return []
    const { median, low95, high95, interval } = size
    return [[name, { median, low95, high95, interval }] as const]
  })
  return Object.fromEntries(entries)
}
