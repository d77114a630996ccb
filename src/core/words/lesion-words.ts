import type { FollowEnd, LesionReport, LesionSizes } from '../../contract'
import { colourIndexOf, type SizeRow } from './size-rows'
import { formatCount, formatPlural, type Unit } from './numbers'

interface LesionSizeKind {
  readonly key: keyof LesionSizes
  readonly label: string
  readonly unit: Unit
  /** What a reader's drawing has of it. */
  readonly ofReader?: 'volumeMm3' | 'meanDiameterMm'
}

/** Drawn on an axis, in the order of reading: what guidelines go by first. */
const PLOTTED: readonly LesionSizeKind[] = [
  { key: 'volumeMm3', label: 'Volume', unit: 'mm³', ofReader: 'volumeMm3' },
  { key: 'meanDiameterMm', label: 'Mean diameter', unit: 'mm', ofReader: 'meanDiameterMm' },
  { key: 'longestDiameterMm', label: 'Longest in space', unit: 'mm' },
]
/** Figures alone, below. */
const LISTED: readonly LesionSizeKind[] = [
  { key: 'longAxisMm', label: 'Long axis', unit: 'mm' },
  { key: 'shortAxisMm', label: 'Short axis', unit: 'mm' },
  { key: 'meanHu', label: 'Mean inside', unit: 'HU' },
]

type Measured = Pick<LesionReport, 'sizes' | 'readers' | 'ends'>

function rowsOf(kinds: readonly LesionSizeKind[], { sizes, readers, ends }: Measured): readonly SizeRow[] {
  return kinds.flatMap(({ key, label, unit, ofReader }) => {
    const distribution = sizes[key]
    if (distribution === undefined) return []
    const marks = readers.flatMap((reader) => {
      const value = ofReader === undefined ? undefined : reader[ofReader]
      const { letter, empty } = reader
      return value === undefined || empty ? [] : [{ letter, colourIndex: colourIndexOf(letter), value }]
    })
    const isAtLeast = key !== 'meanHu' && isOpenEnded({ ends })
    return [{ key, label, unit, distribution, marks, ...(isAtLeast ? { isAtLeast } : {}) }]
  })
}

/**
 * Sizes of a whole lesion: those with an axis, readers on it, and those that stand below as figures. Of one that was not
 * followed to its end they are the least that it measures.
 */
export const lesionRows = (
  lesion: Measured,
): {
  readonly plotted: readonly SizeRow[]
  readonly listed: readonly SizeRow[]
} => ({ plotted: rowsOf(PLOTTED, lesion), listed: rowsOf(LISTED, lesion) })

/** Whether the following stopped before the lesion's own end: at the series' end, at missing slices, at something else. */
export const isOpenEnded = ({ ends }: Pick<LesionReport, 'ends'>): boolean =>
  ends.first !== 'few-draw' || ends.last !== 'few-draw'

/** `12 slices, 31 to 42`, in the numbers that people count by. */
export function lesionSlices(indices: readonly number[], numberOf: (index: number) => number): string {
  const numbers = indices.map(numberOf).sort((a, b) => a - b)
  const [first = 0, last = first] = [numbers[0], numbers.at(-1)]
  return numbers.length === 1
    ? `1 slice, ${formatCount(first)}`
    : `${formatPlural(numbers.length, 'slice')}, ${formatCount(first)} to ${formatCount(last)}`
}

const WHY: Readonly<Record<Exclude<FollowEnd, 'few-draw'>, string>> = {
  'series-ends': 'the series ends there. The lesion may go on.',
  'slices-missing': 'slices are missing there. The lesion may go on.',
  'ran-into-something':
    'the outline ran into something else there, which is left out. Look whether this is all.',
  'too-far': 'it goes on for more slices than are followed.',
}

/** Where the following stopped without finding the lesion's end, a sentence a side. */
export function openEnds(
  { ends, slices }: Pick<LesionReport, 'ends' | 'slices'>,
  numberOf: (index: number) => number,
): readonly string[] {
  const own = slices.filter(({ isInLesion }) => isInLesion).map(({ sliceIndex }) => sliceIndex)
  return (['first', 'last'] as const).flatMap((side) => {
    const end = ends[side]
    if (end === 'few-draw' || own.length === 0) return []
    const outermost = side === 'first' ? Math.min(...own) : Math.max(...own)
    return [`Not followed beyond slice ${formatCount(numberOf(outermost))}: ${WHY[end]}`]
  })
}
