import type { Structure } from '../../contract'
import { MODEL_STYLE, readerStyle } from '../../core/image/data-colours'
import { cutOutlines } from '../../core/volume/cut-outlines'
import type { Plane } from '../../core/volume/planes'
import type { VolumePlaces } from '../../core/volume/volume-places'
import { outlinesOnSlice } from '../readings/reader-outlines'
import { drawnOutlines, DRAWN_SAMPLES_MAX } from '../viewer/overlays/sample-choice'
import type { CutLines, LayerVisibility } from '../viewer/viewport-types'
import type { RunOverlay } from '../viewer/worker/overlay-types'

/** An outline on a slice of the volume, and how it is drawn where a plane cuts it. */
export interface PlacedOutline extends Omit<CutLines, 'ends'> {
  readonly slice: number
  readonly rings: readonly Float32Array[]
}

/** What readers outlined, on all slices. */
export function readersPlaced(
  structures: readonly Structure[],
  hiddenReaders: ReadonlySet<string>,
): readonly PlacedOutline[] {
  const slices = new Set(
    structures.flatMap(({ readings }) =>
      readings.flatMap((reading) => reading.slices.map(({ sliceIndex }) => sliceIndex)),
    ),
  )
  return [...slices].flatMap((slice) =>
    outlinesOnSlice(structures, slice, hiddenReaders)
      .filter(({ visible }) => visible)
      .map(({ rings, colourIndex }) => {
        const { colour, dashPx } = readerStyle(colourIndex)
        return { slice, rings, colour, dashPx, alpha: 1 }
      }),
  )
}

/** What the model drew, on its slice. */
export function samplesPlaced(
  overlay: RunOverlay,
  slice: number,
  { samples, median }: LayerVisibility,
): readonly PlacedOutline[] {
  const { sampleColour, sampleAlpha, medianColour } = MODEL_STYLE
  const drawn = samples ? drawnOutlines(overlay, DRAWN_SAMPLES_MAX) : []
  const deepest = overlay.outlines[median ? (overlay.medianIndex ?? -1) : -1]
  return [
    ...drawn.map(({ rings }) => ({ slice, rings, colour: sampleColour, dashPx: [], alpha: sampleAlpha })),
    ...(deepest === undefined
      ? []
      : [{ slice, rings: deepest.rings, colour: medianColour, dashPx: [], alpha: 1 }]),
  ]
}

/** Where a plane cuts them. */
export const cutsOf = (
  places: VolumePlaces,
  outlines: readonly PlacedOutline[],
  plane: Plane,
): readonly CutLines[] =>
  outlines.flatMap(({ slice, rings, colour, dashPx, alpha }) => {
    const ends = cutOutlines(places, slice, rings, plane)
    return ends.length === 0 ? [] : [{ colour, dashPx, alpha, ends }]
  })
