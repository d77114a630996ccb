import type { Grid } from '../../contract'
import type { PlacedMask } from '../contour/box-mask'
import type { ImagePoint } from '../geometry/image-point'
import { countPixels, type Mask } from '../image/mask'
import { sampleDepths } from '../uncertainty/contour-depth'
import { centreOf, type OwnPieces, ownPieces, pieceAt, type Shift } from './own-pieces'

/**
 * Following a lesion from the slice that was clicked, one slice after another in one direction. Each crop is centred
 * on the median outline of the slice before; what belongs to the lesion on a slice are the pieces that touch that
 * outline. The rule stands in docs/decisions/0090-a-lesion-is-followed-slice-by-slice.md.
 */
export const FOLLOW = {
  /** A slice belongs to the lesion where at least this share of the samples draws it there: one reader in four. */
  leastShare: 0.25,
  /** So many slices in a row with fewer end it; a single one may be a thin place. */
  fewSlicesEnd: 2,
  /** An outline this many times as large as that of the slice before has run into something else. */
  mostGrowth: 6,
} as const

/** Why no further slice was looked at. `few-draw` is the lesion's own end; after all others more of it may follow. */
type FollowEnd = 'few-draw' | 'ran-into-something'

/** The lesion on one slice. */
export interface LesionFinding {
  readonly grid: Grid
  /** One a sample, in sample order. */
  readonly pieces: readonly OwnPieces[]
  /** Samples that draw some of the lesion here, and their share. */
  readonly drawnCount: number
  readonly drawnShare: number
  /** The lesion's piece of the deepest of these samples; null where none draws. */
  readonly median: PlacedMask | null
}

/** A direction on its way. */
export interface Course {
  /** The last slice on which enough samples drew. */
  readonly last: LesionFinding & { readonly median: PlacedMask }
  readonly fewInARow: number
  /** Where the next crop is centred, on the image of the next slice. */
  readonly centre: ImagePoint
}

/** What one slice said: the lesion is there or not, and where to go on, or why not to. */
export interface Followed {
  readonly finding: LesionFinding
  readonly isInLesion: boolean
  readonly next: Course | FollowEnd
}

const none: Shift = { columns: 0, rows: 0 }

/**
 * The lesion on the slice that was clicked: the piece of the median outline that holds the place, else the nearest,
 * and what touches it in the other samples. null where no sample draws anything.
 */
export function findLesion(masks: readonly Mask[], grid: Grid, place: ImagePoint): Course | null {
  const anchor = anchorAt(masks, grid, place)
  if (anchor === null) return null
  const finding = findingOf(masks, grid, { mask: anchor, ...originOf(grid) }, none)
  return finding.median === null
    ? null
    : {
        last: { ...finding, median: finding.median },
        fewInARow: 0,
        centre: centreOf(finding.median),
      }
}

/** Looks at the next slice, whose pixels are shifted by `imageShift` against those of the slice before. */
export function follow(
  course: Course,
  masks: readonly Mask[],
  grid: Grid,
  imageShift: Shift = none,
): Followed {
  const before = course.last.median
  const finding = findingOf(masks, grid, before, imageShift)
  const anywhere = masks.filter((mask) => countPixels(mask) > 0).length / masks.length
  if (finding.drawnShare < FOLLOW.leastShare || finding.median === null) {
    // Enough samples draw, but elsewhere: the crop has moved on to something that is not this lesion.
    if (anywhere >= 2 * FOLLOW.leastShare) return { finding, isInLesion: false, next: 'ran-into-something' }
    const fewInARow = course.fewInARow + 1
    const next = fewInARow >= FOLLOW.fewSlicesEnd ? 'few-draw' : { ...course, fewInARow }
    return { finding, isInLesion: false, next }
  }
  if (countPixels(finding.median.mask) > FOLLOW.mostGrowth * countPixels(before.mask))
    return { finding, isInLesion: false, next: 'ran-into-something' }
  const last = { ...finding, median: finding.median }
  return { finding, isInLesion: true, next: { last, fewInARow: 0, centre: centreOf(finding.median) } }
}

const originOf = ({ originColumn, originRow }: Grid): Pick<PlacedMask, 'originColumn' | 'originRow'> => ({
  originColumn,
  originRow,
})

function anchorAt(masks: readonly Mask[], grid: Grid, place: ImagePoint): Mask | null {
  const [deepest = 0] = sampleDepths(masks.map(({ pixels }) => pixels)).order
  const median = masks[deepest]
  return median === undefined
    ? null
    : pieceAt(median, Math.round(place.column) - grid.originColumn, Math.round(place.row) - grid.originRow)
}

function findingOf(masks: readonly Mask[], grid: Grid, anchor: PlacedMask, imageShift: Shift): LesionFinding {
  const shift = {
    columns: anchor.originColumn - grid.originColumn + imageShift.columns,
    rows: anchor.originRow - grid.originRow + imageShift.rows,
  }
  const pieces = masks.map((mask) => ownPieces(mask, anchor.mask, shift))
  const drawnCount = pieces.filter(({ ownPx }) => ownPx > 0).length
  const [deepest = 0] = sampleDepths(pieces.map(({ own }) => own.pixels)).order
  const median = pieces[deepest]
  return {
    grid,
    pieces,
    drawnCount,
    drawnShare: drawnCount / masks.length,
    median: median === undefined || median.ownPx === 0 ? null : { mask: median.own, ...originOf(grid) },
  }
}
