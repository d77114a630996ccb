import type { Steps } from './steps'

/** One reader against the hidden truth that STAPLE estimates. */
export interface ReaderPerformance {
  readonly sensitivity: number
  readonly specificity: number
}

/** A consensus by STAPLE: a derived layer, which leaves the readings as they are. */
export interface Staple {
  /** Probability under the STAPLE model that a voxel is inside. It says nothing of readers who all err alike. */
  readonly probabilities: Float64Array
  /** Voxels of probability at least 1/2. */
  readonly mask: Uint8Array
  /** Share of inside voxels assumed beforehand: the mean share that the readers marked in the region. */
  readonly prior: number
  /** One a reader; null where the region has no inside or no outside, so that one of the two is undefined. */
  readonly performance: readonly ReaderPerformance[] | null
  readonly iterations: number
  readonly converged: boolean
  /** Voxels of the region that was estimated. */
  readonly voxelCount: number
}

/**
 * Where STAPLE is estimated. `block`: on all voxels given; the more empty background they hold, the nearer all
 * specificities are to 1, so give the readings' box and a small margin. `disagreement`: on voxels where readers differ; elsewhere
 * the answer is that of all.
 */
export type StapleRegion = 'block' | 'disagreement'

const MOST_ITERATIONS = 1000
/** Largest change of a sensitivity or specificity when the estimate is called settled. */
const SETTLED = 1e-10

/**
 * STAPLE for binary masks (Warfield, Zou and Wells 2004): expectation maximisation of each reader's sensitivity and
 * specificity and of the hidden mask, voxels independent, begun at the share of readers who marked a voxel, one prior for all voxels (as
 * ITK's `STAPLEImageFilter`). Voxels with the same answers share an estimate, so an iteration costs as many steps as
 * there are different answers. Inputs are only read. At least one reader (else it throws). A step a reader.
 */
export function* staple(masks: readonly Uint8Array[], region: StapleRegion = 'block'): Steps<Staple> {
  if (masks.length === 0) throw new RangeError('STAPLE needs at least one reader')
  const { patternOf, patterns } = yield* answerPatterns(masks)
  const estimated =
    region === 'block' ? patterns : patterns.filter(({ marked }) => marked > 0 && marked < masks.length)
  const voxelCount = estimated.reduce((sum, { voxels }) => sum + voxels, 0)
  const answers = estimated.reduce((sum, { voxels, marked }) => sum + voxels * marked, 0)
  const prior = voxelCount === 0 ? 0 : answers / (voxelCount * masks.length)
  // Voxels on which all readers agree keep that answer, in the region or out of it, until they are estimated.
  for (const pattern of patterns) pattern.inside = pattern.marked / masks.length
  const estimate = voxelCount === 0 ? null : expectationMaximisation(estimated, masks.length, prior)
  const inside = Float64Array.from(patterns, (pattern) => pattern.inside)
  const probabilities = new Float64Array(patternOf.length)
  const mask = new Uint8Array(patternOf.length)
  for (let at = 0; at < patternOf.length; at += 1) {
    const probability = inside[patternOf[at] ?? 0] ?? 0
    probabilities[at] = probability
    mask[at] = probability >= 0.5 ? 1 : 0
  }
  return {
    probabilities,
    mask,
    prior,
    performance: estimate?.performance ?? null,
    iterations: estimate?.iterations ?? 0,
    converged: estimate?.converged ?? true,
    voxelCount,
  }
}

/** One combination of answers, who marked and who did not, and the voxels that have it. */
interface AnswerPattern {
  readonly answers: readonly number[]
  readonly marked: number
  readonly voxels: number
  /** Estimate that these voxels are inside. */
  inside: number
}

/** Which combination of answers each voxel has: the voxels are divided by one reader after another. */
function* answerPatterns(
  masks: readonly Uint8Array[],
): Steps<{ patternOf: Uint32Array; patterns: AnswerPattern[] }> {
  const patternOf = new Uint32Array(masks[0]?.length ?? 0)
  let combinations: number[][] = [[]]
  for (const mask of masks) {
    combinations = divide(patternOf, mask, combinations)
    yield
  }
  const voxels = new Float64Array(combinations.length)
  for (let at = 0; at < patternOf.length; at += 1) {
    const pattern = patternOf[at] ?? 0
    voxels[pattern] = (voxels[pattern] ?? 0) + 1
  }
  const patterns = combinations.map((answers, pattern) => ({
    answers,
    marked: answers.reduce((sum, answer) => sum + answer, 0),
    voxels: voxels[pattern] ?? 0,
    inside: 0,
  }))
  yield
  return { patternOf, patterns }
}

/** Renumbers the voxels' combinations by one more reader's answers; the new combinations. */
function divide(patternOf: Uint32Array, mask: Uint8Array, combinations: readonly number[][]): number[][] {
  const renumbered = new Int32Array(2 * combinations.length).fill(-1)
  const next: number[][] = []
  for (let at = 0; at < patternOf.length; at += 1) {
    const before = patternOf[at] ?? 0
    const answer = mask[at] ?? 0
    let pattern = renumbered[2 * before + answer] ?? -1
    if (pattern < 0) {
      pattern = next.length
      renumbered[2 * before + answer] = pattern
      next.push([...(combinations[before] ?? []), answer])
    }
    patternOf[at] = pattern
  }
  return next
}

interface Estimate {
  readonly performance: readonly ReaderPerformance[] | null
  readonly iterations: number
  readonly converged: boolean
}

/** Alternates equations (18), (19) of the paper, each reader's performance, and (14), each voxel's estimate. */
function expectationMaximisation(
  patterns: readonly AnswerPattern[],
  readers: number,
  prior: number,
): Estimate {
  let performance: ReaderPerformance[] | null = null
  for (let iteration = 1; iteration <= MOST_ITERATIONS; iteration += 1) {
    const next = performanceOf(patterns, readers)
    if (next === null) return { performance: null, iterations: iteration, converged: true }
    for (const pattern of patterns) pattern.inside = insideGiven(pattern, next, prior)
    const before = performance
    performance = next
    const settled = next.every(({ sensitivity, specificity }, reader) => {
      const last = before?.[reader]
      return (
        last !== undefined &&
        Math.abs(last.sensitivity - sensitivity) <= SETTLED &&
        Math.abs(last.specificity - specificity) <= SETTLED
      )
    })
    if (settled) return { performance, iterations: iteration, converged: true }
  }
  return { performance, iterations: MOST_ITERATIONS, converged: false }
}

function performanceOf(patterns: readonly AnswerPattern[], readers: number): ReaderPerformance[] | null {
  let [inside, outside] = [0, 0]
  const hits = new Float64Array(readers)
  const rejections = new Float64Array(readers)
  for (const pattern of patterns) {
    const within = pattern.voxels * pattern.inside
    const without = pattern.voxels * (1 - pattern.inside)
    inside += within
    outside += without
    for (const [reader, answer] of pattern.answers.entries()) {
      if (answer === 1) hits[reader] = (hits[reader] ?? 0) + within
      else rejections[reader] = (rejections[reader] ?? 0) + without
    }
  }
  if (inside === 0 || outside === 0) return null
  return Array.from({ length: readers }, (_, reader) => ({
    sensitivity: (hits[reader] ?? 0) / inside,
    specificity: (rejections[reader] ?? 0) / outside,
  }))
}

function insideGiven(
  { answers, inside }: AnswerPattern,
  performance: readonly ReaderPerformance[],
  prior: number,
): number {
  let [yes, no] = [prior, 1 - prior]
  for (const [reader, answer] of answers.entries()) {
    const { sensitivity = 0, specificity = 0 } = performance[reader] ?? {}
    yes *= answer === 1 ? sensitivity : 1 - sensitivity
    no *= answer === 1 ? 1 - specificity : specificity
    // Only their ratio matters; kept near 1, it outlives any number of readers.
    const both = yes + no
    if (both === 0) return inside
    yes /= both
    no /= both
  }
  return yes
}
