import type { WorklistRow } from '../../contract'

/** What is known of an image before it is chosen; null where nothing is known of that kind. */
export interface ImageFacts {
  /** Width of the samples' 95 % interval of the diameter over its median; the widest of the image's runs. */
  readonly modelSpread: number | null
  /** 1 less the mean Dice of pairs of readings. */
  readonly raterDistance: number | null
  /** Committed readings by people of this workspace. */
  readonly readingCount: number
}

/** A spread of the whole median counts as full: beyond it an image is no more uncertain, only stranger. */
const FULL_SPREAD = 1

/**
 * Score of an image for the worklist, 0 to 1: the mean of what is known of model spread, rater distance and novelty
 * (1 / (1 + readings)), with the largest part named as the reason. A rank, never a verdict.
 */
export function worklistScore(facts: ImageFacts): Pick<WorklistRow, 'score' | 'reason' | 'parts'> {
  const parts = {
    modelSpread: facts.modelSpread === null ? null : Math.min(1, facts.modelSpread / FULL_SPREAD),
    raterDistance: facts.raterDistance,
    novelty: 1 / (1 + facts.readingCount),
  }
  const known = [parts.modelSpread, parts.raterDistance, parts.novelty].filter((part) => part !== null)
  const largest = Math.max(...known)
  return {
    score: known.reduce((sum, part) => sum + part, 0) / known.length,
    reason: reasonOf(facts, parts, largest),
    parts,
  }
}

/** Rows with the highest score first; rows of one score keep their order. */
export const ranked = (rows: readonly WorklistRow[]): WorklistRow[] =>
  [...rows].sort((a, b) => b.score - a.score)

function reasonOf(facts: ImageFacts, parts: WorklistRow['parts'], largest: number): string {
  const percent = (share: number): string => `${Math.round(100 * share)} %`
  if (parts.raterDistance === largest) {
    return `Readers differ: their outlines share ${percent(1 - parts.raterDistance)} on average (Dice).`
  }
  if (parts.modelSpread === largest && facts.modelSpread !== null) {
    return `The samples’ diameters spread over ${percent(facts.modelSpread)} of their median.`
  }
  if (facts.readingCount === 0) return 'Nobody has read it yet.'
  return `Read ${facts.readingCount === 1 ? 'once' : `${facts.readingCount} times`} so far.`
}
