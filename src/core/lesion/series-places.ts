import type { Orientation, PixelSpacing, Slice } from '../../contract'
import { dot, subtract } from '../geometry/vector'
import type { Shift } from './own-pieces'
import { slabsOf, type Slabs } from './slabs'

/** Where the slices of a series lie against each other, as far as a lesion needs it. */
export interface SeriesPlaces {
  /** null: no volume can be told. */
  readonly slabs: Slabs | null
  /** Distance of slice k along the normal; 0 where it is not known. */
  readonly alongMm: (sliceIndex: number) => number
  /** How far the first pixel of slice k lies from that of slice 0 in its plane: more than 0 where the gantry was tilted. */
  readonly shiftMm: (sliceIndex: number) => { readonly x: number; readonly y: number }
  /** Where pixels of slice `from` lie on slice `to`, in whole pixels. */
  readonly shiftPx: (from: number, to: number) => Shift
}

/** Places from the slices' own positions; without them slices lie straight on one another and have no volume. */
export function placesOf(
  slices: readonly Pick<Slice, 'positionMm' | 'alongNormalMm'>[],
  orientation: Orientation | null,
  spacingMm: PixelSpacing | null,
): SeriesPlaces {
  const origin = slices[0]?.positionMm ?? null
  const shiftMm = (sliceIndex: number): { x: number; y: number } => {
    const position = slices[sliceIndex]?.positionMm ?? null
    if (position === null || origin === null || orientation === null) return { x: 0, y: 0 }
    const moved = subtract(position, origin)
    return { x: dot(moved, orientation.row), y: dot(moved, orientation.column) }
  }
  return {
    slabs: spacingMm === null ? null : slabsOf(slices.map(({ alongNormalMm }) => alongNormalMm)),
    alongMm: (sliceIndex) => slices[sliceIndex]?.alongNormalMm ?? 0,
    shiftMm,
    shiftPx: (from, to) => {
      if (spacingMm === null) return { columns: 0, rows: 0 }
      const [before, behind] = [shiftMm(from), shiftMm(to)]
      return {
        columns: Math.round((before.x - behind.x) / spacingMm.column),
        rows: Math.round((before.y - behind.y) / spacingMm.row),
      }
    },
  }
}
