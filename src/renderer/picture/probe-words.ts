import type { PatientPoint, SeriesDetail } from '../../contract'
import { affineFrom, indexToPatient } from '../../core/geometry/affine'
import type { ProbeReading } from '../viewer/viewport-types'
import { formatCount, formatNumber, formatPlain, NO_BREAK } from '../../core/words/numbers'

/** A piece of the status line: a quiet word and the figure behind it. */
export interface ProbeWord {
  readonly word: string
  readonly figure: string
  /** Means nothing without the piece before it: they are shown together or not at all. */
  readonly joins?: true
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

/** What lies under the pointer, in the order of the status line, where the last goes first if room is short. */
export function probeWords(probe: ProbeReading, position: PatientPoint | null): readonly ProbeWord[] {
  return [...valueWords(probe), ...sampleWords(probe), ...positionWords(position), ...pixelWords(probe)]
}

function valueWords({ value, unit, rgb }: ProbeReading): readonly ProbeWord[] {
  if (rgb !== null) return [{ word: 'RGB', figure: rgb.join(NO_BREAK) }]
  return value === null ? [] : [{ word: unit === '' ? 'value' : unit, figure: formatPlain(value, 2) }]
}

function sampleWords({ samples }: ProbeReading): readonly ProbeWord[] {
  if (samples === null) return []
  const { inside, count, variance, bits } = samples
  if (count === 1) return [{ word: inside === 1 ? 'inside' : 'outside', figure: 'the outline' }]
  return [
    { word: 'in', figure: `${formatCount(inside)} of ${formatCount(count)} samples` },
    bits === undefined
      ? { word: 'variance', figure: formatNumber(variance, 2) }
      : {
          word: bits.of === 'entropy' ? 'entropy' : 'mutual information',
          figure: `${formatNumber(bits.value, 2)}${NO_BREAK}bit`,
        },
  ]
}

function positionWords(position: PatientPoint | null): readonly ProbeWord[] {
  if (position === null) return []
  const [x, y, z] = position
  const inMm = (mm: number): string => `${formatNumber(mm, 1)}${NO_BREAK}mm`
  return [
    { word: x < 0 ? 'R' : 'L', figure: inMm(Math.abs(x)) },
    { word: y < 0 ? 'A' : 'P', figure: inMm(Math.abs(y)), joins: true },
    { word: 'z', figure: inMm(z), joins: true },
  ]
}

function pixelWords({ column, row }: ProbeReading): readonly ProbeWord[] {
  return [
    { word: 'col', figure: `${column}` },
    { word: 'row', figure: `${row}`, joins: true },
  ]
}
