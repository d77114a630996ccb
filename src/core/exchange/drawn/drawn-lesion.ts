/** What a model drew of one lesion, as it goes out: its samples on each slice, and what they say together. */
import type { RunRecord } from '../../../contract'
import type { PlacedMask } from '../../contour/box-mask'
import { depthBands } from '../../uncertainty/bands'
import { sampleDepths } from '../../uncertainty/contour-depth'
import { drawWords } from '../../words/draw-words'

/** Samples on one slice. */
export interface DrawnSlice {
  readonly sliceIndex: number
  /** Image index of the first pixel of the masks, and their size. */
  readonly originColumn: number
  readonly originRow: number
  readonly widthPx: number
  readonly heightPx: number
  /** Pixels 0 or 1, row by row, one a sample in sample order; empty ones too. */
  readonly samples: readonly Uint8Array[]
}

export interface DrawnLesion {
  /** Names it in files and tracking identifiers. */
  readonly id: string
  readonly label: string
  /** Whether it was followed through its slices: sample k is then one lesion. */
  readonly isWhole: boolean
  readonly run: Pick<
    RunRecord,
    'model' | 'modelVersion' | 'modelSha256' | 'uncertainty' | 'samples' | 'seed' | 'draws' | 'version'
  >
  /** By ascending index; those on which nothing is drawn among them. */
  readonly slices: readonly DrawnSlice[]
}

/** A surface of a lesion: one mask a slice. */
export interface Surface {
  readonly name: string
  readonly label: string
  readonly description: string
  /** Null where nothing is drawn. */
  readonly maskOn: (slice: DrawnSlice) => Uint8Array | null
}

/** Sample indices from the deepest outwards, empty ones last, and how many are empty. */
function orderOf({ samples }: DrawnSlice): {
  readonly order: readonly number[]
  readonly emptyCount: number
} {
  const { order } = sampleDepths(samples)
  return { order, emptyCount: samples.filter((sample) => !sample.includes(1)).length }
}

const deepest = (slice: DrawnSlice): Uint8Array | null => {
  const { order, emptyCount } = orderOf(slice)
  return emptyCount === slice.samples.length ? null : (slice.samples[order[0] ?? -1] ?? null)
}

const bandOuter =
  (place: 0 | 1) =>
  (slice: DrawnSlice): Uint8Array | null => {
    const { order, emptyCount } = orderOf(slice)
    return depthBands(slice.samples, order, emptyCount)[place]?.outer ?? null
  }

/** A model without uncertainty has its outline and nothing around it. */
export function surfacesOf({ run, isWhole }: DrawnLesion): readonly Surface[] {
  if (run.uncertainty === 'none')
    return [
      {
        name: 'outline',
        label: 'Outline of the model',
        description: 'The one outline that the model draws on each slice; it has no uncertainty.',
        maskOn: deepest,
      },
    ]
  const coupling = isWhole
    ? 'its volume is not the median of the volumes of the samples'
    : 'slices are drawn independently'
  return [
    {
      name: 'median',
      label: 'Median sample',
      description: `The deepest of the samples on each slice; ${coupling}.`,
      maskOn: deepest,
    },
    {
      name: 'band-50-outer',
      label: '50 % band, outer border',
      description: 'Pixels that any of the deepest 50 % of the samples includes.',
      maskOn: bandOuter(0),
    },
    {
      name: 'band-90-outer',
      label: '90 % band, outer border',
      description: 'Pixels that any of the deepest 90 % of the samples includes.',
      maskOn: bandOuter(1),
    },
  ]
}

/** A mask of a slice in its place on the image. */
export const placed = (slice: DrawnSlice, pixels: Uint8Array): PlacedMask => ({
  originColumn: slice.originColumn,
  originRow: slice.originRow,
  mask: { widthPx: slice.widthPx, heightPx: slice.heightPx, pixels },
})

/** How many samples include each pixel. */
export function countsOf({ samples, widthPx, heightPx }: DrawnSlice): Uint16Array {
  const counts = new Uint16Array(widthPx * heightPx)
  for (const sample of samples)
    sample.forEach((pixel, at) => {
      counts[at] = (counts[at] ?? 0) + pixel
    })
  return counts
}

/** What it was drawn from, in words. */
export const drawnFrom = ({ samples, seed, draws, uncertainty }: DrawnLesion['run']): string =>
  uncertainty === 'none' ? 'one outline' : `${samples} samples, ${drawWords(draws)}, seed ${seed}`

/** A description of a part, with the run that it is of. */
export const withRun = (description: string, { run }: DrawnLesion): string =>
  `${description} ${drawnFrom(run)} of ${run.model} ${run.modelVersion}. Research use only.`

/** The same for the same run of the same place: identifiers of objects are derived from it. */
export function keyOf({ id, run, slices, isWhole }: DrawnLesion, seriesUid: string): string {
  const { modelSha256, samples, seed, draws, version } = run
  const places = slices.map(
    ({ sliceIndex, originColumn, originRow }) => `${sliceIndex}@${originColumn},${originRow}`,
  )
  return [
    seriesUid,
    id,
    isWhole ? 'whole' : 'slices',
    modelSha256,
    samples,
    seed,
    draws,
    version,
    ...places,
  ].join(' ')
}
