import type { Outline, RunOverlay } from '../worker/overlay-types'

/** At most this many sample outlines are drawn; more only darken each other. */
export const DRAWN_SAMPLES_MAX = 60
/** The inset of a photograph is small: fewer lines are told apart there. */
export const INSET_SAMPLES_MAX = 24

/** At most `limit` entries of a list in depth order, spread evenly from the deepest to the outermost, both included. */
export function thinByDepth(order: readonly number[], limit: number): number[] {
  if (order.length <= limit) return [...order]
  if (limit === 1) return order.slice(0, 1)
  const chosen: number[] = []
  for (let place = 0; place < limit; place += 1) {
    const index = order[Math.round((place * (order.length - 1)) / (limit - 1))]
    if (index !== undefined) chosen.push(index)
  }
  return chosen
}

/** The outlines that are drawn, deepest last so that it lies on top; empty samples have nothing to draw and are left out first. */
export function drawnOutlines(overlay: RunOverlay, limit: number): Outline[] {
  const byIndex = new Map(overlay.outlines.map((outline) => [outline.sampleIndex, outline]))
  const drawable = overlay.order.filter((index) => (byIndex.get(index)?.rings.length ?? 0) > 0)
  return thinByDepth(drawable, limit)
    .reverse()
    .flatMap((index) => byIndex.get(index) ?? [])
}

/** The median sample's outline; null while every sample is empty. */
export function medianOutline(overlay: RunOverlay): Outline | null {
  return outlineOf(overlay, overlay.medianIndex)
}

/** The outline of one sample; null where it is not there. */
export function outlineOf(overlay: RunOverlay, sampleIndex: number | null): Outline | null {
  if (sampleIndex === null) return null
  return overlay.outlines.find((outline) => outline.sampleIndex === sampleIndex) ?? null
}
