import type { SliceReport } from '../../contract'
import { formatSizeWithUnit } from '../../core/words/numbers'

/** A sample that lies apart, as the page lists it. */
export interface OutlierLine {
  readonly sampleIndex: number
  readonly depth: number
  /** Its area. */
  readonly size: string
}

/** The outliers of a report, the shallowest first. */
export const outlierLines = ({ outliers, sizes }: SliceReport): readonly OutlierLine[] =>
  (outliers ?? []).map(({ sampleIndex, depth }) => {
    const mm2 = sizes.areaMm2?.values[sampleIndex] ?? null
    const px2 = sizes.areaPx?.values[sampleIndex] ?? null
    const size =
      mm2 !== null ? formatSizeWithUnit(mm2, 'mm²') : px2 !== null ? formatSizeWithUnit(px2, 'px²') : ''
    return { sampleIndex, depth, size }
  })
