import type { LatentDirection } from '../../contract'
import type { Mask } from '../image/mask'

/**
 * Places that tell what each of `dimension` directions does: the middle of the latent, then one standard deviation below
 * and above it along each direction in turn, 2 L + 1 in all.
 */
export function sidesOf(dimension: number): readonly (readonly number[])[] {
  const at = (along: number, value: number): readonly number[] =>
    Array.from({ length: dimension }, (_, entry) => (entry === along ? value : 0))
  return [at(-1, 0), ...Array.from({ length: dimension }, (_, along) => [at(along, -1), at(along, 1)]).flat()]
}

/** What the directions do, by the masks at `sidesOf` of them; the one that moves the outline most first. */
export function directionEffects(masks: readonly Mask[]): {
  readonly areaPx: number
  readonly directions: LatentDirection[]
} {
  const [middle, ...sides] = masks
  const directions = Array.from({ length: sides.length / 2 }, (_, direction): LatentDirection => {
    const below = sides[2 * direction]?.pixels ?? new Uint8Array()
    const above = sides[2 * direction + 1]?.pixels ?? new Uint8Array()
    let [both, either, areaBelowPx, areaAbovePx] = [0, 0, 0, 0]
    below.forEach((pixel, at) => {
      const other = above[at] ?? 0
      both += pixel & other
      either += pixel | other
      areaBelowPx += pixel
      areaAbovePx += other
    })
    return { direction, outlineChange: either === 0 ? 0 : 1 - both / either, areaBelowPx, areaAbovePx }
  })
  return {
    areaPx: middle?.pixels.reduce((sum, pixel) => sum + pixel, 0) ?? 0,
    directions: directions.sort((a, b) => b.outlineChange - a.outlineChange || a.direction - b.direction),
  }
}
