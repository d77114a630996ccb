import { accept, type ConsensusMethod, refuse, type Result, type Subject } from '../../../contract'
import { getComparison } from '../../readings/comparison-wire'
import { formatPlural } from '../../../core/words/numbers'
import { slicesOfMasks, NO_ORIGIN, type Start } from './starts'

export const CONSENSUS_TITLES: Readonly<Record<ConsensusMethod, string>> = {
  majority: 'Majority of the readings',
  staple: 'STAPLE of the readings',
}

/**
 * The consensus of what readers outlined on the slice (index from 0), with all its slices. Where they outlined several
 * places there: the one that most of them outlined. Refused: before the reveal, where nobody outlined anything here, and
 * where the readers agree on no pixel.
 */
export async function consensusStart(
  subject: Subject,
  sliceIndex: number,
  method: ConsensusMethod,
): Promise<Result<Start>> {
  const compared = await getComparison(subject, {})
  if (!compared.ok) return compared
  const [lesion] = compared.value.lesions
    .filter(({ firstSlice, lastSlice }) => firstSlice <= sliceIndex && sliceIndex <= lastSlice)
    .sort((a, b) => b.outlinedBy - a.outlinedBy)
  if (lesion === undefined) {
    return refuse('not-found', 'No reader outlined anything on this slice.', {
      next: 'Go to a slice that readers outlined.',
    })
  }
  const answer = await getComparison(subject, { lesion: lesion.lesionId, consensus: method })
  if (!answer.ok) return answer
  const { consensus } = answer.value
  if (consensus === null || consensus.slices.length === 0) {
    return refuse('not-found', 'The readers agree on no pixel of this lesion.', {
      next: 'Start from one of the readings, or draw.',
    })
  }
  const of = formatPlural(consensus.inputs.length, 'reading')
  return accept({
    key: `consensus ${method}`,
    title: `${method === 'majority' ? 'Majority' : 'STAPLE'} of ${of}, ${lesion.label}`,
    origin: { ...NO_ORIGIN, kind: 'consensus' },
    changes: slicesOfMasks(consensus.slices),
  })
}
