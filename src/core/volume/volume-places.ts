import type { Orientation, PatientPoint, PixelSpacing, SeriesDetail } from '../../contract'
import { FRAMES_DIFFER, UNITS_DIFFER } from '../geometry/apart'
import { planeNormal } from '../geometry/orientation'
import { isCoarse, judgeSteps } from '../geometry/slice-gaps'
import { SAME_POSITION_MM } from '../geometry/stack'
import type { Vector } from '../geometry/vector'

/**
 * Where the voxels of a series lie, slice by slice. Nothing is taken for granted of the steps: they may be uneven, the
 * gantry may have been tilted, slices may be shifted against each other. Slices ascend along the normal.
 */
export interface VolumePlaces {
  readonly orientation: Orientation
  readonly normal: Vector
  readonly spacingMm: PixelSpacing
  readonly columns: number
  readonly rows: number
  /** Centre of the first pixel of each slice. */
  readonly positionsMm: readonly PatientPoint[]
  /** Distance of each slice from the first one along the normal, ascending. */
  readonly alongMm: readonly number[]
  /** Distance between neighbours where it is the same everywhere. */
  readonly stepMm: number | null
  /** True where slices are missing between slice k and slice k + 1: nothing is made up there. */
  readonly isGapAfter: readonly boolean[]
}

/** The places of a series that can be cut, or in words why it cannot. */
export type CuttableVolume =
  { readonly places: VolumePlaces; readonly why: null } | { readonly places: null; readonly why: string }

const cannot = (why: string): CuttableVolume => ({ places: null, why })

const COLOURS: readonly string[] = ['RGB', 'PALETTE COLOR']
const isColour = (photometric: string): boolean =>
  COLOURS.includes(photometric) || photometric.startsWith('YBR')

const gapsAfter = (alongMm: readonly number[], positionsMm: readonly PatientPoint[]): readonly boolean[] =>
  judgeSteps(
    alongMm.slice(1).map((mm, index) => mm - (alongMm[index] ?? 0)),
    isCoarse(positionsMm),
  ).isGapAfter

/** Judges whether planes can be cut out of a series. The words say what is wrong with it, and what would help. */
export function cuttableVolume(detail: SeriesDetail): CuttableVolume {
  const { summary, slices, orientation, photometric } = detail
  const { spacingMm } = summary
  if (isColour(photometric))
    return cannot('Its slices are in colour: only grey values are put between slices.')
  const has = (code: string): boolean => summary.warnings.some((warning) => warning.code === code)
  if (has(UNITS_DIFFER))
    return cannot('Its slices have values of different units: nothing can be put between them.')
  if (has(FRAMES_DIFFER))
    return cannot('Its slices are placed in different frames of reference: they do not lie in one volume.')
  if (slices.length < 2) return cannot('It has one slice: there is nothing to cut across.')
  if (orientation === null)
    return cannot('Its files do not say how the slices lie in the patient (Image Orientation).')
  const positionsMm = slices.flatMap(({ positionMm }) => (positionMm === null ? [] : [positionMm]))
  const alongMm = slices.flatMap(({ alongNormalMm }) => (alongNormalMm === null ? [] : [alongNormalMm]))
  if (positionsMm.length < slices.length || alongMm.length < slices.length)
    return cannot('Its files do not say where each slice lies (Image Position).')
  if (spacingMm === null) return cannot('Its slices state no pixel spacing, or not the same one.')
  if (alongMm.some((mm, index) => index > 0 && mm - (alongMm[index - 1] ?? 0) < SAME_POSITION_MM))
    return cannot('Several of its slices lie at the same place: which of them is meant cannot be told.')
  const { row, column, slice } = spacingMm
  return {
    why: null,
    places: {
      ...{ orientation, positionsMm, alongMm, normal: planeNormal(orientation) },
      ...{ spacingMm: { row, column }, stepMm: slice },
      ...{ columns: summary.columns, rows: summary.rows, isGapAfter: gapsAfter(alongMm, positionsMm) },
    },
  }
}
