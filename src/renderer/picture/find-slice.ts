import type { SeriesDetail } from '../../contract'
import { countedStack, sliceNumber, sliceOfNumber } from '../../core/geometry/slice-number'
import type { FoundEntry } from '../keys/dispatch'

const ASKED = /^\s*(?:(slice|sl|instance|image|im)\.?\s*)?(\d{1,6})\s*$/i
/** Frames of one instance share its number; more than these are not listed. */
const LISTED_AT_MOST = 5

const NOTHING_TO_RUN = { run: () => undefined }

/** Slices that a typed number means: the slice of that number, and those of that Instance Number. */
export function findSlices(
  detail: SeriesDetail,
  typed: string,
  goTo: (index: number) => void,
): readonly FoundEntry[] {
  if (/^\s*slice\s*$/i.test(typed))
    return [
      {
        ...NOTHING_TO_RUN,
        title: `Type the number of a slice, 1 to ${countedStack(detail).count}`,
        lockedBecause: 'or “instance” and its number',
      },
    ]
  const asked = ASKED.exec(typed)
  if (asked === null) return []
  const word = (asked[1] ?? '').toLowerCase()
  const number = Number(asked[2])
  const stack = countedStack(detail)
  const entry = (index: number): FoundEntry => {
    const { instanceNumber } = detail.slices[index] ?? { instanceNumber: null }
    const instance = instanceNumber === null ? '' : `, instance ${instanceNumber}`
    return {
      title: `Go to slice ${sliceNumber(stack, index)}${instance}`,
      run: () => {
        goTo(index)
      },
      lockedBecause: null,
    }
  }
  const own = word.startsWith('i') ? null : sliceOfNumber(stack, number)
  const instances = word.startsWith('s')
    ? []
    : detail.slices.flatMap(({ instanceNumber }, index) =>
        instanceNumber === number && index !== own ? [index] : [],
      )
  const found = [...(own === null ? [] : [own]), ...instances.slice(0, LISTED_AT_MOST)]
  if (found.length > 0) return found.map(entry)
  const what = word.startsWith('i') ? 'instance' : 'slice'
  return [
    {
      ...NOTHING_TO_RUN,
      title: `There is no ${what} ${number}`,
      lockedBecause: `the series has slices 1 to ${stack.count}`,
    },
  ]
}
