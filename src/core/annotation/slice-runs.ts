import { EN_DASH } from '../words/numbers'

/** Slices from `first` to `last`, both of them. */
export interface SliceRun {
  readonly first: number
  readonly last: number
}

/** Slices that follow each other without a gap, as runs, ascending. */
export function sliceRuns(slices: Iterable<number>): readonly SliceRun[] {
  const runs: SliceRun[] = []
  for (const slice of [...new Set(slices)].sort((a, b) => a - b)) {
    const last = runs.at(-1)
    if (last !== undefined && slice === last.last + 1) runs[runs.length - 1] = { ...last, last: slice }
    else runs.push({ first: slice, last: slice })
  }
  return runs
}

/** Slices between those of a structure on which it has nothing, in words, by the numbers that the page gives; null: none. */
export function gapWords(slices: Iterable<number>, numberOf: (slice: number) => number): string | null {
  const runs = sliceRuns(slices)
  const gaps = runs.slice(1).map(({ first }, at) => {
    const [from, to] = [numberOf((runs[at]?.last ?? first) + 1), numberOf(first - 1)]
    return [Math.min(from, to), Math.max(from, to)] as const
  })
  if (gaps.length === 0) return null
  const named = gaps
    .sort(([a], [b]) => a - b)
    .map(([from, to]) => (from === to ? `${from}` : `${from}${EN_DASH}${to}`))
  const isOne = gaps.length === 1 && gaps[0]?.[0] === gaps[0]?.[1]
  return `${isOne ? 'slice' : 'slices'} ${named.join(', ')} ${isOne ? 'lies' : 'lie'} between outlined slices and ${isOne ? 'has' : 'have'} none`
}
