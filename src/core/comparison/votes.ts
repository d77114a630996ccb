import { measured, notMeasured, type Measured } from '../measures/figure'

/** Readers that a byte counts; one image may have more, since readings are brought in by anybody. */
const MOST_IN_A_BYTE = 255

/** How many readers marked each voxel: bytes, or 16 bits where there are more than 255 readers. */
export type Votes = Uint8Array | Uint16Array

/** How many readers marked each voxel; masks of one size. */
export function countVotes(masks: readonly Uint8Array[]): Votes {
  const length = masks[0]?.length ?? 0
  const votes: Votes = masks.length > MOST_IN_A_BYTE ? new Uint16Array(length) : new Uint8Array(length)
  for (const mask of masks) {
    for (let at = 0; at < votes.length; at += 1) votes[at] = (votes[at] ?? 0) + (mask[at] ?? 0)
  }
  return votes
}

/** The voxels that more than half of the readers marked: a tie is not marked. A new mask; the votes stay as they are. */
export function majority(votes: Votes, readerCount: number): Uint8Array {
  const marked = new Uint8Array(votes.length)
  for (let at = 0; at < votes.length; at += 1) marked[at] = 2 * (votes[at] ?? 0) > readerCount ? 1 : 0
  return marked
}

/** How many readers are in the minority at each voxel: 0 where all agree, at most half of them. */
export const disagreementMap = (votes: Votes, readerCount: number): Uint8Array =>
  Uint8Array.from(votes, (marked) => Math.min(marked, readerCount - marked, MOST_IN_A_BYTE))

/** One step of the disagreement map and its legend. */
export interface DisagreementStep {
  /** Value in the map: readers in the minority. */
  readonly minority: number
  /** "1 against 4". */
  readonly text: string
  readonly voxelCount: number
}

/** The steps of a disagreement map, smallest minority first, those without a voxel too. */
export function disagreementSteps(map: Uint8Array, readerCount: number): DisagreementStep[] {
  const counts = new Float64Array(readerCount + 1)
  for (const minority of map) counts[minority] = (counts[minority] ?? 0) + 1
  return Array.from({ length: Math.floor(readerCount / 2) }, (_, index) => ({
    minority: index + 1,
    text: `${index + 1} against ${readerCount - index - 1}`,
    voxelCount: counts[index + 1] ?? 0,
  }))
}

/** Agreement of readers voxel by voxel; n is the number of voxels. */
export interface VoxelAgreement {
  /** Fleiss' kappa. It depends on how much empty background the block holds, so name the block beside it. */
  readonly kappa: Measured
  /** Of two answers to a voxel that one says is inside, the share where the other says so too; for two readers, Dice. */
  readonly positive: Measured
  /** Likewise for outside. */
  readonly negative: Measured
}

/** Kappa with positive and negative agreement (Cicchetti and Feinstein 1990), since kappa falls with rarity. */
export function voxelAgreement(votes: Votes, readerCount: number): VoxelAgreement {
  const n = votes.length
  if (readerCount < 2) {
    const none = notMeasured('fewer than two readers', n)
    return { kappa: none, positive: none, negative: none }
  }
  let [marked, inside, outside] = [0, 0, 0]
  for (const count of votes) {
    const not = readerCount - count
    marked += count
    inside += count * (count - 1)
    outside += not * (not - 1)
  }
  const answers = n * readerCount
  const pairs = answers * (readerCount - 1)
  const same = 'all answers are the same, nothing to set chance against'
  const share = marked / answers
  const expected = share ** 2 + (1 - share) ** 2
  const specific = (agreeing: number, given: number): Measured =>
    given === 0 ? notMeasured(same, n) : measured(agreeing / (given * (readerCount - 1)), n)
  return {
    kappa:
      marked === 0 || marked === answers
        ? notMeasured(same, n)
        : measured(((inside + outside) / pairs - expected) / (1 - expected), n),
    positive: specific(inside, marked),
    negative: specific(outside, answers - marked),
  }
}
