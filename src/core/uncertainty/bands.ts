/** Shares of the non-empty samples, deepest first, that the two bands are made of. */
export const BAND_FRACTIONS = [0.5, 0.9] as const

/**
 * Two images of the deepest samples: of masks (0 or 1) the region all of them include and the region any of them
 * includes; of sub-pixel fields (above 0 inside) fields of these two regions. The band lies between.
 */
export interface Band<Image> {
  readonly fraction: (typeof BAND_FRACTIONS)[number]
  readonly inner: Image
  readonly outer: Image
}

/**
 * Both bands of masks or fields on one grid: the least and the greatest value of each pixel. `order` lists sample
 * indices deepest first with the `emptyCount` empty ones last (contour-depth.ts). A band takes the deepest
 * ceil(fraction * n) of the n samples that are not empty; without any there are no bands.
 */
export function depthBands(
  images: readonly Uint8Array[],
  order: readonly number[],
  emptyCount: number,
): Band<Uint8Array>[]
export function depthBands(
  images: readonly Int8Array[],
  order: readonly number[],
  emptyCount: number,
): Band<Int8Array>[]
export function depthBands(
  images: readonly (Uint8Array | Int8Array)[],
  order: readonly number[],
  emptyCount: number,
): Band<Uint8Array | Int8Array>[] {
  const drawn = order.length - emptyCount
  const deepest = images[order[0] ?? -1]
  if (drawn === 0 || deepest === undefined) return []
  // The deepest 50 % are among the deepest 90 %: the second band goes on from where the first one ended.
  const inner = deepest.slice()
  const outer = deepest.slice()
  let taken = 1
  return BAND_FRACTIONS.map((fraction) => {
    for (; taken < Math.ceil(fraction * drawn); taken += 1) {
      widen(inner, outer, images[order[taken] ?? -1] ?? deepest)
    }
    return { fraction, inner: inner.slice(), outer: outer.slice() }
  })
}

/** Two images as in a band, of all samples that draw something and are no outliers (outliers.ts). */
export type Envelope<Image> = Pick<Band<Image>, 'inner' | 'outer'>

/** The envelope of the samples in `order`, the least and the greatest value of each pixel; null of none. */
export function envelopeOf(
  images: readonly Uint8Array[],
  order: readonly number[],
): Envelope<Uint8Array> | null
export function envelopeOf(images: readonly Int8Array[], order: readonly number[]): Envelope<Int8Array> | null
export function envelopeOf(
  images: readonly (Uint8Array | Int8Array)[],
  order: readonly number[],
): Envelope<Uint8Array | Int8Array> | null {
  const first = images[order[0] ?? -1]
  if (first === undefined) return null
  const [inner, outer] = [first.slice(), first.slice()]
  for (const index of order) widen(inner, outer, images[index] ?? first)
  return { inner, outer }
}

function widen(
  inner: Uint8Array | Int8Array,
  outer: Uint8Array | Int8Array,
  image: Uint8Array | Int8Array,
): void {
  for (let at = 0; at < image.length; at += 1) {
    const value = image[at] ?? 0
    if (value < (inner[at] ?? 0)) inner[at] = value
    if (value > (outer[at] ?? 0)) outer[at] = value
  }
}
