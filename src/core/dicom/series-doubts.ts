/** What the slices of one series say otherwise than each other, where a reader would not see it. */
import type { Warning } from '../../contract'
import { FRAMES_DIFFER, UNITS_DIFFER } from '../geometry/apart'
import { sliceNumber, type CountedStack } from '../geometry/slice-number'
import type { FramePlace, Instance } from './instance'

interface Plane {
  readonly instance: Instance
  readonly place: FramePlace
}

/** Runs of numbers: 2, 5 to 9. */
function inRuns(numbers: readonly number[]): string {
  const runs: { from: number; to: number }[] = []
  for (const number of numbers.toSorted((a, b) => a - b)) {
    const last = runs.at(-1)
    if (last?.to === number - 1) last.to = number
    else runs.push({ from: number, to: number })
  }
  const named = runs.slice(0, 3).map(({ from, to }) => (from === to ? `${from}` : `${from} to ${to}`))
  return named.join(', ') + (runs.length > 3 ? ' and more' : '')
}

/** The values that planes have, the most frequent first, with the planes that have them. */
function tally(planes: readonly Plane[], valueOf: (plane: Plane) => string): [string, readonly number[]][] {
  const found = new Map<string, number[]>()
  for (const [index, plane] of planes.entries()) {
    const value = valueOf(plane)
    const own = found.get(value)
    if (own === undefined) found.set(value, [index])
    else own.push(index)
  }
  return [...found].sort(([, a], [, b]) => b.length - a.length)
}

const unitWords = (unit: string): string => (unit === '' ? 'no unit' : unit)

function unitWarnings(planes: readonly Plane[], counted: CountedStack): Warning[] {
  const [usual, ...others] = tally(planes, ({ place }) => place.rescale.unit)
  if (usual === undefined || others.length === 0) return []
  const named = others.map(([unit, at]) => {
    const numbers = at.map((index) => sliceNumber(counted, index))
    return `slice ${inRuns(numbers)} in ${unitWords(unit)}`
  })
  const text = `Slices have values of different units: ${named.join('; ')}, the others in ${unitWords(usual[0])}. No planes are cut, and values of one are none of the other.`
  return [{ code: UNITS_DIFFER, text }]
}

function frameWarnings(planes: readonly Plane[]): Warning[] {
  const frames = new Set(planes.flatMap(({ instance: { frameOfReferenceUid } }) => frameOfReferenceUid ?? []))
  if (frames.size < 2) return []
  const text = `Slices are placed in ${frames.size} frames of reference, so that they do not lie where they seem to beside each other: no planes and no volume.`
  return [{ code: FRAMES_DIFFER, text }]
}

function dateWarnings(planes: readonly Plane[]): Warning[] {
  const dates = [...new Set(planes.map(({ instance }) => instance.studyDate))].filter((date) => date !== '')
  if (dates.length < 2) return []
  const text = `The files of this series state ${dates.length} study dates (${dates.sort().slice(0, 3).join(', ')}): make sure that they are of one examination.`
  return [{ code: 'dates-differ', text }]
}

function windowWarnings(planes: readonly Plane[]): Warning[] {
  const windows = tally(
    planes,
    ({
      instance: {
        windows: [own],
      },
    }) => (own === undefined ? '' : `${own.centre} ${own.width}`),
  )
  if (windows.length < 2) return []
  const text = `Files of this series ask for ${windows.length} different windows: all slices are shown in that of the first one. Choose another by hand.`
  return [{ code: 'windows-differ', text }]
}

/** Planes in their order, and how they are counted. */
export const seriesDoubts = (planes: readonly Plane[], counted: CountedStack): readonly Warning[] => [
  ...unitWarnings(planes, counted),
  ...frameWarnings(planes),
  ...dateWarnings(planes),
  ...windowWarnings(planes),
]
