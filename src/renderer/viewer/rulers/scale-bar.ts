/** A scale bar: its length in the image's unit and on the screen. */
export interface ScaleBar {
  readonly lengthMm: number
  readonly lengthPx: number
  readonly label: string
}

const STEPS = [5, 2, 1]

/**
 * The longest bar of 1, 2 or 5 times a power of ten millimetres that is at most `longestPx` wide. Null where not even
 * a bar of 0.1 mm fits.
 */
export function scaleBar(pxPerMm: number, longestPx: number): ScaleBar | null {
  if (!(pxPerMm > 0) || !(longestPx > 0)) return null
  for (let power = 3; power >= -1; power -= 1) {
    for (const step of STEPS) {
      const lengthMm = power < 0 ? step / 10 ** -power : step * 10 ** power
      const lengthPx = lengthMm * pxPerMm
      if (lengthPx <= longestPx) return { lengthMm, lengthPx, label: `${lengthMm} mm` }
    }
  }
  return null
}
