/** Shares of the non-empty samples, deepest first, that the two bands are made of. */
export const BAND_FRACTIONS = [0.5, 0.9] as const

/** The region that all of the deepest samples include, and the one that any of them includes; pixels 0 or 1. The band lies between. */
export interface Band {
  readonly fraction: (typeof BAND_FRACTIONS)[number]
  readonly inner: Uint8Array
  readonly outer: Uint8Array
}

/**
 * Both bands of masks on one grid. `order` lists sample indices deepest first with the `emptyCount` empty ones last
 * (contour-depth.ts). A band takes the deepest ceil(fraction * n) of the n samples that are not empty; without any there are no bands.
 */
export function depthBands(
  masks: readonly Uint8Array[],
  order: readonly number[],
  emptyCount: number,
): Band[] {
  const drawn = order.length - emptyCount
  if (drawn === 0) return []
  return BAND_FRACTIONS.map((fraction) => {
    const [deepest = new Uint8Array(0), ...others] = order
      .slice(0, Math.ceil(fraction * drawn))
      .flatMap((index) => masks[index] ?? [])
    const inner = deepest.slice()
    const outer = deepest.slice()
    for (const mask of others) {
      for (let at = 0; at < inner.length; at += 1) {
        const pixel = mask[at] ?? 0
        inner[at] = (inner[at] ?? 0) & pixel
        outer[at] = (outer[at] ?? 0) | pixel
      }
    }
    return { fraction, inner, outer }
  })
}
