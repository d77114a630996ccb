import type { PatientPoint, SeriesDetail } from '../../contract'
import { affineFrom, indexToPatient } from '../../core/geometry/affine'
import type { ProbeReading } from '../viewer/viewport-types'
import { formatCount, formatNumber, formatPlain, NO_BREAK } from '../../core/words/numbers'

/** A piece of the status line: a quiet word and the figure behind it. */
export interface ProbeWord {
  readonly word: string
  readonly figure: string
}

/** Patient position of a pixel on a slice (LPS, mm); null where position, orientation or spacing is unknown. PS3.3 C.7.6.2.1.1. */
export function patientPosition(
  detail: SeriesDetail,
  sliceIndex: number,
  column: number,
  row: number,
): PatientPoint | null {
  const origin = detail.slices[sliceIndex]?.positionMm ?? null
  const spacing = detail.summary.spacingMm
  const { orientation } = detail
  if (origin === null || spacing === null || orientation === null) return null
  // On one slice, with the slice's own position for its origin, the step between slices plays no part.
  const affine = affineFrom(orientation, spacing, origin, [0, 0, 0])
  return indexToPatient(affine, { column, row, slice: 0 })
}

/** What lies under the pointer, in the order of the status line. */
export function probeWords(probe: ProbeReading, position: PatientPoint | null): readonly ProbeWord[] {
  const words: ProbeWord[] = []
  if (probe.value !== null) {
    words.push({ word: probe.unit === '' ? 'value' : probe.unit, figure: formatPlain(probe.value, 2) })
  }
  if (probe.rgb !== null) {
    const [red, green, blue] = probe.rgb
    words.push(
      { word: 'R', figure: `${red}` },
      { word: 'G', figure: `${green}` },
      { word: 'B', figure: `${blue}` },
    )
  }
  words.push({ word: 'col', figure: `${probe.column}` }, { word: 'row', figure: `${probe.row}` })
  if (position !== null) {
    const [x, y, z] = position
    words.push(
      { word: x < 0 ? 'R' : 'L', figure: formatNumber(Math.abs(x), 1) },
      { word: y < 0 ? 'A' : 'P', figure: formatNumber(Math.abs(y), 1) },
      { word: 'z', figure: `${formatNumber(z, 1)}${NO_BREAK}mm` },
    )
  }
  if (probe.samples !== null) {
    const { inside, count, variance } = probe.samples
    if (count === 1) words.push({ word: inside === 1 ? 'inside' : 'outside', figure: 'the outline' })
    else
      words.push(
        { word: 'variance', figure: formatNumber(variance, 2) },
        { word: 'in', figure: `${formatCount(inside)} of ${formatCount(count)} samples` },
      )
  }
  return words
}
