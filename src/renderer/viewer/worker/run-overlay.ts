import type { Grid } from '../../../contract'
import { placeOnImage, traceField, traceMask } from '../../../core/contour/trace'
import { fromBase64 } from '../../../core/image/base64'
import { packedSizeBytes, unpackMask } from '../../../core/image/mask'
import { type Band, depthBands, type Envelope, envelopeOf } from '../../../core/uncertainty/bands'
import { type SampleDepths, sampleDepths } from '../../../core/uncertainty/contour-depth'
import { insideField } from '../../../core/uncertainty/inside-field'
import {
  addProbabilities,
  latentInformationBits,
  noProbabilities,
} from '../../../core/uncertainty/latent-information'
import { addSamples, noMoments, type Moments } from '../../../core/uncertainty/moments'
import { depthOutliers } from '../../../core/uncertainty/outliers'
import type { BandRings, FieldChunk, MaskChunk, Outline, Ring, RunOverlay } from './overlay-types'

/**
 * What changed since the last update: `outlines` holds only those made since, `bands` and `envelope` are null where they
 * stayed.
 */
export interface OverlayUpdate extends Omit<RunOverlay, 'grid' | 'fieldOfView' | 'bands'> {
  readonly bands: readonly BandRings[] | null
}

/** Collects the samples of one run and works out what is drawn of them. Inside the field of view only, where there is one. */
export interface OverlayRun {
  readonly addMasks: (chunk: MaskChunk) => void
  readonly addFields: (chunk: FieldChunk) => void
  readonly update: () => OverlayUpdate
}

/** The field of view of a run (packed, base64) as one byte a grid pixel, 0 or 1. */
export const unpackField = (grid: Grid, fieldOfView: string | null): Uint8Array | null =>
  fieldOfView === null ? null : unpackMask(fromBase64(fieldOfView), grid.widthPx, grid.heightPx).pixels

/** What stays as it was told. */
const STANDING = { bands: null, envelope: null } as const

/** An empty run. Masks come in sample order, fields after the masks of their samples; anything else throws. */
export function startOverlayRun(grid: Grid, fieldOfView: Uint8Array | null): OverlayRun {
  const { widthPx, heightPx } = grid
  const pixelCount = widthPx * heightPx
  const masks: Uint8Array[] = []
  const fields = new Map<number, Int8Array>()
  let moments: Moments = noMoments(pixelCount)
  let depths = sampleDepths(masks)
  let changed = new Map<number, readonly Ring[]>()
  let bandsStand = false

  const addMasks = ({ firstIndex, count, masks: packed }: MaskChunk): void => {
    if (firstIndex !== masks.length)
      throw new Error(`samples from ${firstIndex} on, ${masks.length} are here`)
    const bytes = fromBase64(packed)
    const added = Array.from({ length: count }, (_, at) =>
      insideField(unpackMask(bytes, widthPx, heightPx, at * packedSizeBytes(pixelCount)).pixels, fieldOfView),
    )
    moments = addSamples(moments, added)
    bandsStand = false
    for (const pixels of added) {
      changed.set(masks.length, placeOnImage(traceMask({ widthPx, heightPx, pixels }), grid))
      masks.push(pixels)
    }
  }

  const addFields = ({ firstIndex, count, fields: values }: FieldChunk): void => {
    if (firstIndex + count > masks.length)
      throw new Error(`fields up to ${firstIndex + count}, ${masks.length} masks`)
    for (let at = 0; at < count; at += 1) {
      const field = clipField(values.slice(at * pixelCount, (at + 1) * pixelCount), fieldOfView)
      fields.set(firstIndex + at, field)
      changed.set(firstIndex + at, placeOnImage(traceField(field, widthPx, heightPx), grid))
    }
    // Bands become finer only once every sample has its field.
    if (fields.size === masks.length) bandsStand = false
  }

  const update = (): OverlayUpdate => {
    if (depths.order.length < masks.length) depths = sampleDepths(masks)
    const { order, emptyCount } = depths
    const outliers = depthOutliers(depths)
    const { bands, envelope } = bandsStand ? STANDING : bandRings(masks, fields, depths, outliers, grid)
    bandsStand = true
    const outlines = [...changed].map(([sampleIndex, rings]): Outline => ({ sampleIndex, rings }))
    changed = new Map()
    return {
      sampleCount: masks.length,
      emptyCount,
      outlines,
      order,
      medianIndex: emptyCount === masks.length ? null : (order[0] ?? null),
      bands,
      envelope,
      outliers,
      counts: moments.counts.slice(),
      informationBits: fields.size === masks.length ? informationOf(fields, pixelCount) : null,
    }
  }
  return { addMasks, addFields, update }
}

/** In the order of the samples, whatever order their fields came in. */
function informationOf(fields: ReadonlyMap<number, Int8Array>, pixelCount: number): Float32Array {
  const inOrder = Array.from({ length: fields.size }, (_, index) => fields.get(index) ?? new Int8Array(0))
  return latentInformationBits(addProbabilities(noProbabilities(pixelCount), inOrder))
}

type BandOutlines = Pick<OverlayUpdate, 'bands' | 'envelope'>

/** Sub-pixel bands once every sample has its field; until then bands along pixel edges, since the two do not mix. */
function bandRings(
  masks: readonly Uint8Array[],
  fields: ReadonlyMap<number, Int8Array>,
  { order, emptyCount }: SampleDepths,
  outliers: readonly number[],
  grid: Grid,
): BandOutlines {
  const { widthPx, heightPx } = grid
  const inside = order.slice(0, order.length - emptyCount).filter((index) => !outliers.includes(index))
  if (fields.size === masks.length) {
    const outline = (field: Int8Array): Ring[] => placeOnImage(traceField(field, widthPx, heightPx), grid)
    const inOrder = masks.flatMap((_, index) => fields.get(index) ?? [])
    return traced(depthBands(inOrder, order, emptyCount), envelopeOf(inOrder, inside), outline)
  }
  const outline = (pixels: Uint8Array): Ring[] => placeOnImage(traceMask({ widthPx, heightPx, pixels }), grid)
  return traced(depthBands(masks, order, emptyCount), envelopeOf(masks, inside), outline)
}

function traced<Image>(
  bands: readonly Band<Image>[],
  envelope: Envelope<Image> | null,
  outline: (image: Image) => Ring[],
): BandOutlines {
  const rings = ({ inner, outer }: Envelope<Image>) => ({ inner: outline(inner), outer: outline(outer) })
  return {
    bands: bands.map((band) => ({ fraction: band.fraction, ...rings(band) })),
    envelope: envelope === null ? null : rings(envelope),
  }
}

const clipField = (values: Int8Array, fieldOfView: Uint8Array | null): Int8Array =>
  fieldOfView === null
    ? values
    : values.map((value, at) => (fieldOfView[at] === 1 ? value : -Math.abs(value)))
