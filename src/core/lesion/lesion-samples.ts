import type { PixelSpacing } from '../../contract'
import { convexHull, type UnitLengths } from '../contour/polygon'
import { placeOnImage, traceMask, type Ring } from '../contour/trace'
import type { Steps } from '../measures/steps'
import { axesOf, type Axes } from './axes'
import type { LesionFinding } from './follow'

/** One slice of a lesion. */
export interface LesionSlice {
  readonly finding: LesionFinding
  /** What the slice stands for (slabs.ts). */
  readonly thicknessMm: number
  /** Distance along the normal, and how far the image's first pixel is shifted in its plane against that of the first slice. */
  readonly alongMm: number
  readonly shiftMm: { readonly x: number; readonly y: number }
  /** Values (HU) on the grid, row by row; null where they are not to be had. */
  readonly values: ArrayLike<number> | null
}

/** The lesion as one sample drew it. Millimetres; areas and volumes count pixels, holes do not. */
export interface LesionSample {
  readonly volumeMm3: number
  /** On the slice where their mean is largest. */
  readonly axesMm: Axes & { readonly mean: number; readonly slice: number }
  /** Between two points of outlines on any two slices. */
  readonly longestMm: number
  /** Mean of the values inside, each pixel weighing its slice's thickness; null without values. */
  readonly meanValue: number | null
}

/** What each sample drew, the slices' samples of one index belonging together; null for one that drew nothing. A step a sample. */
export function* lesionSamples(
  slices: readonly LesionSlice[],
  spacingMm: PixelSpacing,
): Steps<(LesionSample | null)[]> {
  const count = slices[0]?.finding.pieces.length ?? 0
  const samples: (LesionSample | null)[] = []
  for (let sample = 0; sample < count; sample += 1) {
    samples.push(lesionSample(slices, sample, spacingMm))
    yield
  }
  return samples
}

function lesionSample(
  slices: readonly LesionSlice[],
  sample: number,
  spacingMm: PixelSpacing,
): LesionSample | null {
  const unit = { x: spacingMm.column, y: spacingMm.row }
  const corners: number[] = []
  let [volumeMm3, weight, sum] = [0, 0, 0]
  const axes: LesionSample['axesMm'][] = []
  slices.forEach((slice, index) => {
    const piece = slice.finding.pieces[sample]
    if (piece === undefined || piece.ownPx === 0) return
    volumeMm3 += piece.ownPx * unit.x * unit.y * slice.thicknessMm
    weight += piece.ownPx * slice.thicknessMm
    sum += slice.thicknessMm * sumInside(piece.own.pixels, slice.values)
    const rings = placeOnImage(traceMask(piece.own), slice.finding.grid)
    corners.push(...cornersOf(rings, unit, slice))
    const both = axesOf(rings, unit)
    if (both !== null) axes.push({ ...both, mean: (both.long + both.short) / 2, slice: index })
  })
  const [widest] = axes.toSorted((a, b) => b.mean - a.mean)
  if (widest === undefined) return null
  const hasValues = slices.every(({ values }) => values !== null)
  return {
    volumeMm3,
    axesMm: widest,
    longestMm: farthest(corners),
    meanValue: hasValues ? sum / weight : null,
  }
}

function sumInside(pixels: Uint8Array, values: ArrayLike<number> | null): number {
  if (values === null) return 0
  let sum = 0
  pixels.forEach((pixel, at) => {
    if (pixel === 1) sum += values[at] ?? 0
  })
  return sum
}

/** Corners of the hulls of outlines in space: x, y, z, x, y, z, … */
function cornersOf(
  rings: readonly Ring[],
  unit: UnitLengths,
  { shiftMm, alongMm }: LesionSlice,
): readonly number[] {
  return rings.flatMap((ring) => {
    const hull = convexHull(ring, unit)
    return Array.from({ length: hull.length / 2 }, (_, at) => [
      (hull[2 * at] ?? 0) + shiftMm.x,
      (hull[2 * at + 1] ?? 0) + shiftMm.y,
      alongMm,
    ]).flat()
  })
}

/** The largest distance between two points; the hulls of nine slices have a few hundred corners, so each pair is measured. */
function farthest(points: readonly number[]): number {
  let longest = 0
  for (let a = 0; a < points.length; a += 3)
    for (let b = a + 3; b < points.length; b += 3) {
      const x = (points[a] ?? 0) - (points[b] ?? 0)
      const y = (points[a + 1] ?? 0) - (points[b + 1] ?? 0)
      const z = (points[a + 2] ?? 0) - (points[b + 2] ?? 0)
      longest = Math.max(longest, x * x + y * y + z * z)
    }
  return Math.sqrt(longest)
}
