import type { LesionReport, SliceReport } from '../../contract'
import { lesionRows } from './lesion-words'
import { formatCount, formatSizeWithUnit, NO_BREAK } from './numbers'
import { intervalWords, type SizeRow, sizeRows } from './size-rows'

type OfLesion = Pick<LesionReport, 'sampleCount' | 'drawnCount' | 'mostDrawNothing' | 'sizes' | 'ends'>
type OfSlice = Pick<SliceReport, 'sampleCount' | 'drawnCount' | 'mostDrawNothing' | 'sizes'>

/** `mean ⌀ 8.2 mm [7.1, 9.0]`; null where no sample has a size. */
function sized({ distribution, unit, isAtLeast }: SizeRow, short: string): string | null {
  if (distribution.median === null) return null
  const least = isAtLeast === true ? `at${NO_BREAK}least${NO_BREAK}` : ''
  const interval = intervalWords(distribution, unit, isAtLeast)
  return [short, `${least}${formatSizeWithUnit(distribution.median, unit)}`, interval].join(' ').trim()
}

/**
 * What a list says of a place: how many samples draw, and the size that guidelines go by with its interval; of the whole
 * lesion where it was followed, else of its slice. No size where most draw nothing.
 */
export function placeFigures(lesion: OfLesion | null, slice: OfSlice | null): readonly string[] {
  const report = lesion ?? slice
  if (report === null) return []
  const counts = `${formatCount(report.drawnCount)} of ${formatCount(report.sampleCount)} draw it`
  if (report.mostDrawNothing) return [counts]
  const size =
    lesion !== null
      ? sizedFirst(lesionRows({ ...lesion, readers: [] }).plotted, 'meanDiameterMm', MEAN)
      : slice === null
        ? null
        : sizedFirst(sizeRows(slice.sizes, [], 'diameter'), null, ON_SLICE)
  return size === null ? [counts] : [counts, size]
}

/** Mean of the long and the short axis of the whole lesion. */
const MEAN = `mean${NO_BREAK}⌀`
/** Equivalent diameter of the slice. */
const ON_SLICE = `slice${NO_BREAK}⌀`

function sizedFirst(rows: readonly SizeRow[], key: string | null, short: string): string | null {
  const row = rows.find((one) => key === null || one.key === key)
  return row === undefined ? null : sized(row, short)
}
