/** Shares of pixels (0 to 1) as masks: what is shown is where they reach one half. */
import type { PlacedMask } from '../contour/box-mask'
import type { ExchangeSlice, Fraction } from './exchange-reading'

const MASK_SHARE = 0.5

/** Shares of one half or more are shown as the mask. */
export const isMarked = (share: number): boolean => share >= MASK_SHARE

/** Shares in a box of the image as mask and shares; null where none of them reaches one half: that marks no pixel. */
export function markedByShares(
  box: PlacedMask,
  shares: Float32Array,
  kind: Fraction['kind'],
): Pick<ExchangeSlice, 'mask' | 'fraction'> | null {
  const pixels = Uint8Array.from(shares, (share) => (isMarked(share) ? 1 : 0))
  if (!pixels.includes(1)) return null
  return { mask: { ...box, mask: { ...box.mask, pixels } }, fraction: { kind, values: shares } }
}

/** Words of shares of which none reaches one half. */
export const belowOneHalf = (largest: number): string =>
  // Rounded down: 0.4996 is not 0.5. A float32 of 0.3 is 0.3.
  `the largest is ${Math.floor(largest * 1000 + 1e-3) / 1000}, and none reaches one half`
