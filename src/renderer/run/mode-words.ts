import type { OutlineMode, Sizes } from '../../contract'
import { formatSizeWithUnit } from '../../core/words/numbers'

/** A kind of outline as the page tells it. */
export interface ModeLine {
  readonly mode: OutlineMode
  /** "smaller", or a number where sizes do not tell the kinds apart. */
  readonly name: string
  /** Median diameter of its samples. */
  readonly size: string
}

/** Two kinds differ in size from this ratio of median diameters on. */
const OTHER_SIZE = 1.15

/** The kinds in the order given, the most frequent first. Of photographs, which have no diameter, none. */
export function modeLines(modes: readonly OutlineMode[], sizes: Sizes): readonly ModeLine[] {
  const { equivalentDiameterMm, equivalentDiameterPx } = sizes
  const diameters = equivalentDiameterMm ?? equivalentDiameterPx
  if (diameters === undefined) return []
  const unit = equivalentDiameterMm === undefined ? 'px' : 'mm'
  const medians = modes.map(({ samples }) => {
    const values = samples.map((sample) => diameters.values[sample] ?? 0).sort((a, b) => a - b)
    const middle = (values.length - 1) / 2
    return ((values[Math.floor(middle)] ?? 0) + (values[Math.ceil(middle)] ?? 0)) / 2
  })
  const names = namesOf(medians)
  return modes.map((mode, at) => ({
    mode,
    name: names[at] ?? '',
    size: `${formatSizeWithUnit(medians[at] ?? 0, unit)} across`,
  }))
}

function namesOf(diameters: readonly number[]): readonly string[] {
  const sorted = [...diameters].sort((a, b) => a - b)
  const areOtherSizes = sorted.slice(1).every((diameter, at) => diameter / (sorted[at] ?? 0) >= OTHER_SIZE)
  if (!areOtherSizes) return diameters.map((_, at) => `kind ${at + 1}`)
  const ranked = diameters.length === 2 ? ['smaller', 'larger'] : rankedNames(diameters.length)
  return diameters.map((diameter) => ranked[sorted.indexOf(diameter)] ?? '')
}

const rankedNames = (count: number): readonly string[] => [
  'smallest',
  ...Array.from({ length: count - 2 }, (_, at) => (count === 3 ? 'middle' : `middle ${at + 1}`)),
  'largest',
]
