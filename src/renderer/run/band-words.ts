import type { Agreement } from '../../contract'
import { formatCount, NO_BREAK } from '../../core/words/numbers'

/**
 * Which readers lie inside the band of 90 % of the samples: on one slice who does and by how much the others do not, of
 * several slices on how many each does. Nothing where no reader can be asked.
 */
export function bandWords(slices: readonly Agreement[]): readonly string[] {
  const readers = slices.flatMap((slice) =>
    slice.readers.flatMap(({ letter, empty, outsideBand90: outside }) =>
      outside === undefined ? [] : [{ letter, empty, ...outside }],
    ),
  )
  if (readers.length === 0) return []
  const isInside = (one: (typeof readers)[number]): boolean => one.beyondPx === 0 && one.shortPx === 0
  if (slices.length > 1) {
    const letters = [...new Set(readers.map(({ letter }) => letter))]
    const counted = letters.map((letter) => {
      const own = readers.filter((one) => one.letter === letter)
      return `${letter} on ${own.filter(isInside).length} of ${own.length}`
    })
    return [`Inside the 90${NO_BREAK}% band, by slice: ${counted.join(', ')}.`]
  }
  const inside = readers.filter(isInside).map(({ letter }) => letter)
  const others = readers
    .filter((one) => !isInside(one))
    .map(({ letter, empty, beyondPx, shortPx }) => {
      const parts = [
        ...(beyondPx > 0 ? [`${formatCount(beyondPx)}${NO_BREAK}px beyond`] : []),
        ...(shortPx > 0 ? [`${formatCount(shortPx)}${NO_BREAK}px short`] : []),
      ]
      return empty ? `${letter} drew nothing` : `${letter} ${parts.join(' and ')}`
    })
  const first = inside.length === 0 ? 'no reader' : inside.join(', ')
  return [`Inside the 90${NO_BREAK}% band: ${first}.${others.length === 0 ? '' : ` ${others.join('; ')}.`}`]
}
