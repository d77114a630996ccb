import type { PixelSpacing } from '../../contract'

/**
 * Pixel spacings outside these are taken for lies (zero, 1e-300, metres): the finest electron scan of a slide is
 * about 0.1 micrometre, the coarsest nuclear image about 20 mm.
 */
export const SMALLEST_SPACING_MM = 1e-5
export const LARGEST_SPACING_MM = 50

/** True for a distance between pixels that can be believed. */
export const isBelievableSpacing = (valueMm: number | null | undefined): valueMm is number =>
  valueMm != null && valueMm >= SMALLEST_SPACING_MM && valueMm <= LARGEST_SPACING_MM

/** Pixel Spacing (between rows, between columns; PS3.3 10.7.1.3), or null when either number is missing or a lie. */
export function spacingFrom(values: readonly (number | null)[]): PixelSpacing | null {
  const [row, column] = values
  if (values.length !== 2 || !isBelievableSpacing(row) || !isBelievableSpacing(column)) return null
  return { row, column }
}
