import type {
  FollowEnd,
  LesionReport,
  LesionSizes,
  LesionSliceNote,
  PixelSpacing,
  ReaderOfLesion,
  Reading,
  Structure,
  Warning,
} from '../../contract'
import { decodeBoxMask } from '../contour/box-mask'
import { traceMask } from '../contour/trace'
import { countPixels } from '../image/mask'
import type { Steps } from '../measures/steps'
import { sizeDistribution } from '../uncertainty/intervals'
import { axesOf } from './axes'
import { atLeast, tooLong } from './no-nodule'
import type { LesionFinding } from './follow'
import { lesionSamples, type LesionSample } from './lesion-samples'
import type { SeriesPlaces } from './series-places'

/** A slice of the lesion, found. */
export interface FoundSlice {
  readonly sliceIndex: number
  readonly finding: LesionFinding
  /** Values (HU) on the crop; null where they are not to be had. */
  readonly values: ArrayLike<number> | null
}

/** Everything that was found out about one lesion. */
export interface FoundLesion extends Pick<LesionReport, 'seriesUid' | 'place' | 'ends' | 'sliceThicknessMm'> {
  readonly sampleCount: number
  /** All that were looked at, in any order. */
  readonly notes: readonly LesionSliceNote[]
  /** Those that belong to the lesion, by ascending index. */
  readonly slices: readonly FoundSlice[]
  readonly spacingMm: PixelSpacing | null
  readonly places: SeriesPlaces
  /** The structure that readers drew here, where one is known. */
  readonly structure: Structure | null
  readonly warnings: readonly Warning[]
}

/** The report on a lesion; a step a sample. */
export function* lesionReportSteps(lesion: FoundLesion): Steps<LesionReport> {
  const { spacingMm, places, slices, sampleCount, notes, ends } = lesion
  const hasVolume = places.slabs !== null && !isGapped(lesion)
  const samples =
    spacingMm === null
      ? null
      : yield* lesionSamples(
          slices.map(({ sliceIndex, finding, values }) => ({
            finding,
            values,
            thicknessMm: places.slabs?.thicknessMm[sliceIndex] ?? 1,
            alongMm: places.alongMm(sliceIndex),
            shiftMm: places.shiftMm(sliceIndex),
          })),
          spacingMm,
        )
  const drawnCount = countDrawn(slices, sampleCount)
  return {
    seriesUid: lesion.seriesUid,
    place: lesion.place,
    coupling: 'tied',
    sampleCount,
    drawnCount,
    drawnShare: drawnCount / sampleCount,
    mostDrawNothing: drawnCount * 2 < sampleCount,
    slices: notes.toSorted((a, b) => a.sliceIndex - b.sliceIndex),
    ends,
    sliceThicknessMm: lesion.sliceThicknessMm,
    sizes: samples === null ? {} : sizesOf(samples, hasVolume),
    readers: readersOfLesion(lesion, hasVolume),
    warnings: [...lesion.warnings, ...warningsOf(lesion, hasVolume)],
  }
}

/** Samples that draw some of it on some slice. */
const countDrawn = (slices: readonly FoundSlice[], sampleCount: number): number =>
  Array.from({ length: sampleCount }, (_, sample) => sample).filter((sample) =>
    slices.some(({ finding }) => (finding.pieces[sample]?.ownPx ?? 0) > 0),
  ).length

/** Whether slices are left out between the first and the last slice of the lesion. */
function isGapped({ slices, places }: FoundLesion): boolean {
  const [first, last] = [slices[0]?.sliceIndex ?? 0, slices.at(-1)?.sliceIndex ?? 0]
  return places.slabs?.gapAfter.slice(first, last).includes(true) ?? false
}

function sizesOf(samples: readonly (LesionSample | null)[], hasVolume: boolean): LesionSizes {
  const of = (size: (sample: LesionSample) => number | null) =>
    sizeDistribution(samples.map((sample) => (sample === null ? null : size(sample))))
  const isValued = samples.some((sample) => sample !== null && sample.meanValue !== null)
  return {
    ...(hasVolume ? { volumeMm3: of(({ volumeMm3 }) => volumeMm3) } : {}),
    meanDiameterMm: of(({ axesMm }) => axesMm.mean),
    longAxisMm: of(({ axesMm }) => axesMm.long),
    shortAxisMm: of(({ axesMm }) => axesMm.short),
    ...(hasVolume ? { longestDiameterMm: of(({ longestMm }) => longestMm) } : {}),
    ...(isValued ? { meanHu: of(({ meanValue }) => meanValue) } : {}),
  }
}

/** What readers drew of a lesion's structure, over all slices. `hasVolume`: the volume of the lesion itself is known. */
export const readersOfLesion = (
  lesion: Pick<FoundLesion, 'structure' | 'places' | 'spacingMm'>,
  hasVolume: boolean,
): ReaderOfLesion[] =>
  (lesion.structure?.readings ?? []).map((reading) => readerOf(reading, lesion, hasVolume))

function readerOf(
  { readingId, letter, empty, slices }: Reading,
  { places, spacingMm }: Pick<FoundLesion, 'places' | 'spacingMm'>,
  hasVolume: boolean,
): ReaderOfLesion {
  if (spacingMm === null || empty) return { readingId, letter, empty }
  const unit = { x: spacingMm.column, y: spacingMm.row }
  let [volumeMm3, meanMm] = [0, 0]
  for (const { sliceIndex, mask } of slices) {
    const drawn = decodeBoxMask(mask).mask
    volumeMm3 += countPixels(drawn) * unit.x * unit.y * (places.slabs?.thicknessMm[sliceIndex] ?? 0)
    const axes = axesOf(traceMask(drawn), unit)
    if (axes !== null) meanMm = Math.max(meanMm, (axes.long + axes.short) / 2)
  }
  return { readingId, letter, empty, ...(hasVolume ? { volumeMm3 } : {}), meanDiameterMm: meanMm }
}

const LEFT_OPEN: Readonly<Record<Exclude<FollowEnd, 'few-draw'>, string>> = {
  'series-ends': 'the series ends there; the lesion may go on.',
  'slices-missing': 'slices are missing there; the lesion may go on.',
  'ran-into-something':
    'the outline ran into something else there, which is left out; look whether it is all.',
  'too-far': 'it goes on for more slices than are followed.',
}

function warningsOf(lesion: FoundLesion, hasVolume: boolean): Warning[] {
  const { ends, spacingMm, places, slices } = lesion
  const own = slices.map(({ sliceIndex }) => sliceIndex)
  const said = [tooLong(own, places), own.length === 0 ? null : atLeast(ends)].filter((one) => one !== null)
  const open = (['first', 'last'] as const).flatMap((side): Warning[] => {
    const end = ends[side]
    if (end === 'few-draw') return []
    return [
      {
        code: `lesion-${end}`,
        text: `Followed towards the ${side} slice of the series: ${LEFT_OPEN[end]}`,
      },
    ]
  })
  if (hasVolume) return [...said, ...open]
  const why =
    spacingMm === null
      ? 'The spacing of the pixels is not known: sizes of the whole lesion are not given.'
      : places.slabs === null
        ? 'The distance between slices is not known: no volume is given.'
        : 'Slices are missing within the lesion: no volume is given.'
  return [...said, ...open, { code: 'no-volume', text: why }]
}
