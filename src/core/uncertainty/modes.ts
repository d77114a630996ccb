import type { OutlineMode } from '../../contract'

/** Distances of samples, [first * count + second], each with itself 0. */
export interface SampleDistances {
  readonly count: number
  readonly values: Float64Array
}

/** Of fewer samples nobody can say that none stands between. */
const LEAST_SAMPLES = 50
/** A kind is at least so large a share of what is split; what is rarer is an outlier. */
const LEAST_SHARE = 0.1
/** Samples between two kinds, as a share of what is split, at most. */
const MOST_BETWEEN = 0.03
/** Pairs that are tried as medoids are those of so many samples at most. */
const MOST_CANDIDATES = 100

/**
 * Kinds of outlines among samples: a median of two kinds is typical of neither, so kinds are told before it.
 *
 * Samples are split by the two of them to which all others are nearest (2-medoids over d = 1 - IoU). Every set can be
 * split so, a smooth range of sizes too; a split counts where next to nobody stands between its halves. With
 *
 *   t_i = mean of d(i, second half) - mean of d(i, first half)
 *
 * a flat range of samples has a sixth of them in the middle third between the medians of t of the halves, one hump has
 * more, two kinds have none. Halves are split again by the same rule.
 *
 * The kinds of these samples, the most frequent first; of equal count, the one with the lower first sample.
 */
export function modesOf(distances: SampleDistances, members: readonly number[]): OutlineMode[] {
  if (members.length === 0) return []
  const halves = split(distances, members)
  if (halves === null)
    return [{ samples: [...members].sort((a, b) => a - b), medoid: medoidOf(distances, members) }]
  return halves
    .flatMap((half) => modesOf(distances, half))
    .sort((a, b) => b.samples.length - a.samples.length || (a.samples[0] ?? 0) - (b.samples[0] ?? 0))
}

type Halves = readonly [readonly number[], readonly number[]]

/** Two kinds, or null where there is one. */
function split(distances: SampleDistances, members: readonly number[]): Halves | null {
  if (members.length < LEAST_SAMPLES) return null
  const halves = nearestTo(distances, members, bestPair(distances, members))
  if (halves.some((half) => half.length < LEAST_SHARE * members.length)) return null
  const [first, second] = halves
  const side = (at: number): number => meanTo(distances, at, second) - meanTo(distances, at, first)
  const low = medianOf(second.map(side))
  const third = (medianOf(first.map(side)) - low) / 3
  const between = members.filter((at) => side(at) > low + third && side(at) < low + 2 * third)
  return between.length <= MOST_BETWEEN * members.length ? halves : null
}

const distanceOf = ({ count, values }: SampleDistances, a: number, b: number): number =>
  values[a * count + b] ?? 0

function bestPair(distances: SampleDistances, members: readonly number[]): readonly [number, number] {
  const step = Math.max(1, members.length / MOST_CANDIDATES)
  const candidates = Array.from(
    { length: Math.min(members.length, MOST_CANDIDATES) },
    (_, at) => members[Math.floor(at * step)] ?? 0,
  )
  let best: readonly [number, number] = [candidates[0] ?? 0, candidates[1] ?? 0]
  let least = Infinity
  for (const [at, a] of candidates.entries()) {
    for (const b of candidates.slice(at + 1)) {
      let sum = 0
      for (const member of members)
        sum += Math.min(distanceOf(distances, member, a), distanceOf(distances, member, b))
      if (sum >= least) continue
      least = sum
      best = [a, b]
    }
  }
  return best
}

function nearestTo(
  distances: SampleDistances,
  members: readonly number[],
  [a, b]: readonly [number, number],
): Halves {
  const isFirst = (at: number): boolean => distanceOf(distances, at, a) <= distanceOf(distances, at, b)
  return [members.filter(isFirst), members.filter((at) => !isFirst(at))]
}

/** Mean distance to the others of a group. */
function meanTo(distances: SampleDistances, at: number, group: readonly number[]): number {
  const others = group.filter((other) => other !== at)
  return others.reduce((sum, other) => sum + distanceOf(distances, at, other), 0) / Math.max(1, others.length)
}

function medianOf(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = (sorted.length - 1) / 2
  return ((sorted[Math.floor(middle)] ?? 0) + (sorted[Math.ceil(middle)] ?? 0)) / 2
}

function medoidOf(distances: SampleDistances, members: readonly number[]): number {
  let best = members[0] ?? 0
  let least = Infinity
  for (const at of members) {
    const sum = members.reduce((total, other) => total + distanceOf(distances, at, other), 0)
    if (sum >= least) continue
    least = sum
    best = at
  }
  return best
}
