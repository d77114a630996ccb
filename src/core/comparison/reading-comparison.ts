import { accept, refuse } from '../../contract'
import type {
  ComparedReading,
  Comparison,
  Consensus,
  ConsensusMethod,
  DrawnSlice,
  Lesion,
  PairAgreement,
  Result,
  SeriesDetail,
  Slice,
  Subject,
} from '../../contract'
import { encodeBoxMask } from '../contour/box-mask'
import { instanceAt, namedPlace } from '../subject/slice-places'
import { edgeLetters } from '../geometry/orientation'
import { type DifferenceRegion, differenceRegions } from './differences'
import { figureOf, noInterval } from '../measures/figure'
import {
  drawnStructures,
  labelsTogether,
  lesionGroups,
  onePerSlice,
  type StructureOutlines,
} from './lesion-groups'
import { compareWith } from './pair-agreement'
import { countAnswers, meanOverPatients, panelCaseFigures } from './panel-agreement'
import { staple } from '../measures/staple'
import { countVotes, majority, voxelAgreement } from './votes'
import {
  outlinesOf,
  voxelBlock,
  voxelSizeOf,
  type SliceOutline,
  type VoxelBlock,
  type VoxelSize,
} from '../measures/voxel-block'
import type { Steps } from '../measures/steps'
import type { ComparableReading } from './comparable-reading'

export interface CompareOptions {
  readonly lesionId: string | null
  readonly consensus: ConsensusMethod | null
}

/** Empty voxels around what was marked, so that STAPLE has an outside to judge specificity by. */
const MARGIN_PX = 8
/** Differences of fewer pixels are specks: two hands never agree to the pixel. They are counted, not listed. */
const SPECK_PX = 5

/** One reading with what it marked of the lesion that is compared. */
interface OnLesion {
  readonly shown: ComparableReading
  readonly outlines: readonly SliceOutline[]
}

/**
 * Readings of one subject side by side, in steps. `detail` null: a photograph, which is one lesion as a whole. Refused with
 * `not-found`: a lesion that is not there.
 */
export function* compareReadings(
  subject: Subject,
  detail: SeriesDetail | null,
  shown: readonly ComparableReading[],
  options: CompareOptions,
): Steps<Result<Comparison>> {
  const groups = groupsOf(shown, detail)
  const slices = detail?.slices ?? null
  const lesions = groups.map((group, index) => lesionOf(group, index, slices))
  const at =
    options.lesionId === null ? 0 : lesions.findIndex(({ lesionId }) => lesionId === options.lesionId)
  if (at < 0)
    return refuse('not-found', `There is no lesion ${options.lesionId ?? ''}.`, {
      next: 'Choose a lesion of the list.',
    })
  const group = groups[at] ?? []
  const onLesion = shown.map((one, reading) => ({
    shown: one,
    outlines: onePerSlice(group.filter((structure) => structure.reading === reading)),
  }))
  const size = voxelSizeOf(detail?.summary.spacingMm ?? null)
  const block = voxelBlock(
    onLesion.map(({ outlines }) => outlines),
    MARGIN_PX,
  )
  const letters = lineLetters(shown)
  const figures = yield* figuresOf(onLesion, block, size, detail)
  return accept({
    subject,
    lesions,
    lesionId: lesions[at]?.lesionId ?? null,
    readings: onLesion.map((one, index) => comparedReading(one, letters[index] ?? 'A', slices)),
    ...figures,
    consensus: options.consensus === null ? null : yield* consensusOf(options.consensus, onLesion, slices),
    warnings: detail === null ? [] : [...detail.summary.warnings],
  })
}

/** An outline as it leaves: with the slice that is meant, its pixels packed. */
const drawnSlice = ({ sliceIndex, placed }: SliceOutline, slices: readonly Slice[] | null): DrawnSlice => ({
  sliceIndex,
  ...instanceAt(slices, sliceIndex),
  mask: encodeBoxMask(placed.mask, placed.originColumn, placed.originRow),
})

/** Readers who said that it cannot be judged take no part in figures about what is there, nor do files that are not counted. */
const judges = ({ shown }: OnLesion): boolean =>
  (shown.answer.verdict === 'outlined' || shown.answer.verdict === 'nothing') &&
  shown.imported?.counts !== false

function groupsOf(shown: readonly ComparableReading[], detail: SeriesDetail | null): StructureOutlines[][] {
  const structures = shown.flatMap((one, reading) =>
    one.structures.map(({ label, outlines }) => ({ reading, label, outlines })),
  )
  if (detail !== null) return lesionGroups(structures)
  const drawn = drawnStructures(structures)
  return drawn.length === 0 ? [] : [drawn]
}

function lesionOf(
  group: readonly StructureOutlines[],
  index: number,
  slices: readonly Slice[] | null,
): Lesion {
  const outlines = group.flatMap((structure) => structure.outlines)
  const numbers = outlines.map(({ sliceIndex }) => sliceIndex)
  const pixels = new Map<number, { count: number; column: number; row: number }>()
  for (const { sliceIndex, placed } of outlines) {
    const sum = pixels.get(sliceIndex) ?? { count: 0, column: 0, row: 0 }
    const { widthPx } = placed.mask
    for (
      let pixel = placed.mask.pixels.indexOf(1);
      pixel >= 0;
      pixel = placed.mask.pixels.indexOf(1, pixel + 1)
    ) {
      sum.count += 1
      sum.column += placed.originColumn + (pixel % widthPx)
      sum.row += placed.originRow + Math.floor(pixel / widthPx)
    }
    pixels.set(sliceIndex, sum)
  }
  const [sliceIndex, sum] = [...pixels].reduce((best, one) => (one[1].count > best[1].count ? one : best))
  return {
    lesionId: `lesion-${index + 1}`,
    label: group[0]?.label ?? `Lesion ${index + 1}`,
    firstSlice: Math.min(...numbers),
    lastSlice: Math.max(...numbers),
    centre: namedPlace({ column: sum.column / sum.count, row: sum.row / sum.count, sliceIndex }, slices),
    outlinedBy: new Set(group.map(({ reading }) => reading)).size,
    together: labelsTogether(group),
  }
}

/**
 * Letters of the line styles, each of one reading. A reader from a file keeps the letter that the reading views show, the
 * first of two that are called alike; all others take the letters that are left, in their order, after Z those with a
 * number. Own readings are yellow and need none.
 */
export function lineLetters(shown: readonly Pick<ComparableReading, 'source' | 'name'>[]): string[] {
  const taken = new Set<string>()
  const named = shown.map(({ source, name }) => {
    const letter = source === 'imported' ? /^Reader ([A-Z])$/.exec(name)?.[1] : undefined
    if (letter === undefined || taken.has(letter)) return null
    taken.add(letter)
    return letter
  })
  let at = 0
  const fresh = (): string => {
    const letter = `${String.fromCharCode(65 + (at % 26))}${at < 26 ? '' : Math.floor(at / 26) + 1}`
    at += 1
    return taken.has(letter) ? fresh() : letter
  }
  return shown.map(({ source }, index) => (source === 'own' ? 'Y' : (named[index] ?? fresh())))
}

function comparedReading(
  { shown, outlines }: OnLesion,
  letter: string,
  slices: readonly Slice[] | null,
): ComparedReading {
  return {
    readingId: shown.readingId,
    source: shown.source,
    name: shown.name,
    letter,
    attemptNumber: shown.attempt?.number ?? null,
    committedAt: shown.attempt?.committedAt ?? null,
    blind: shown.blind,
    answer: shown.answer,
    ...(shown.imported === undefined ? {} : { imported: shown.imported }),
    origins: shown.structures.flatMap(({ origin }) => (origin === null ? [] : [origin])),
    slices: outlines.map((outline) => drawnSlice(outline, slices)),
  }
}

type LesionFigures = Pick<
  Comparison,
  | 'ownReadingId'
  | 'counts'
  | 'pairs'
  | 'meanDice'
  | 'voxelKappa'
  | 'positiveAgreement'
  | 'differences'
  | 'specks'
>

function* figuresOf(
  onLesion: readonly OnLesion[],
  block: VoxelBlock,
  size: VoxelSize,
  detail: SeriesDetail | null,
): Steps<LesionFigures> {
  // The first look, as of the peers: what came after it may have been drawn knowing the others.
  const own = onLesion.findIndex(({ shown }) => shown.source === 'own')
  const others = onLesion.flatMap((one, index) => (one.shown.source !== 'own' && judges(one) ? [index] : []))
  const panel = [...(own >= 0 ? [own] : []), ...others]
  const verdicts = onLesion.map((one) =>
    one.shown.answer.verdict === 'cannot-judge'
      ? 'cannot-judge'
      : one.outlines.length > 0
        ? 'outlined'
        : 'nothing',
  )
  // A block of their own: how much nobody marked, which κ counts, is not for a second look or a guest to say.
  const { masks } = voxelBlock(
    panel.map((reading) => onLesion[reading]?.outlines ?? []),
    MARGIN_PX,
  )
  const table = yield* panelCaseFigures(masks, {
    patientId: 'one',
    verdicts: panel.map((reading) => verdicts[reading] ?? null),
    sizes: panel.map(() => null),
  })
  const dice = table.dice.filter((_value, index) => Math.floor(index / panel.length) < index % panel.length)
  const drawn = dice.filter((value) => value !== null)
  const meanDice = yield* meanOverPatients(
    drawn,
    drawn.map(() => 'one'),
    'share',
  )
  const ownReading = onLesion[own]
  const comparesOwn = ownReading !== undefined && judges(ownReading)
  const pairs = comparesOwn ? yield* compareWith(block, own, others, size) : []
  const letters = detail?.orientation == null ? null : edgeLetters(detail.orientation)
  const regions = comparesOwn ? yield* differenceRegions(block, own, others, size, letters) : []
  return {
    ownReadingId: ownReading?.shown.readingId ?? null,
    counts: countAnswers(panel.map((reading) => verdicts[reading] ?? null)),
    pairs: pairs.map((pair, index) => ({
      readingId: onLesion[others[index] ?? -1]?.shown.readingId ?? '',
      ...pairAgreement(pair),
    })),
    meanDice,
    ...voxelFigures(masks),
    ...shownDifferences(regions, detail?.slices ?? null),
  }
}

/** Differences that are shown, and how many are too small to be. */
const shownDifferences = (
  regions: readonly DifferenceRegion[],
  slices: readonly Slice[] | null,
): Pick<Comparison, 'specks' | 'differences'> => ({
  specks: {
    count: regions.filter(({ pixelCount }) => pixelCount < SPECK_PX).length,
    belowPx: SPECK_PX,
  },
  differences: regions
    .filter(({ pixelCount }) => pixelCount >= SPECK_PX)
    .map(({ sliceIndex, place, kind, area, box }) => ({
      sliceIndex,
      ...instanceAt(slices, sliceIndex),
      ...{ place, kind, area, box },
    })),
})

/** No interval: neighbouring voxels are not drawn independently of each other. */
function voxelFigures(masks: readonly Uint8Array[]): Pick<Comparison, 'voxelKappa' | 'positiveAgreement'> {
  const { kappa, positive } = voxelAgreement(countVotes(masks), masks.length)
  const interval = noInterval('one pair, no interval')
  return {
    voxelKappa: figureOf(kappa, interval, 'none'),
    positiveAgreement: figureOf(positive, interval, 'share'),
  }
}

const pairAgreement = ({
  dice,
  hausdorff95,
  surfaceDistance,
  volumeDifference,
  equivalentDiameterDifference,
}: Omit<PairAgreement, 'readingId'>): Omit<PairAgreement, 'readingId'> => ({
  dice,
  hausdorff95,
  surfaceDistance,
  volumeDifference,
  equivalentDiameterDifference,
})

/** Drawn from one reading a reader: the first of the rater who asks, so that a second look does not vote twice. */
function* consensusOf(
  method: ConsensusMethod,
  onLesion: readonly OnLesion[],
  slices: readonly Slice[] | null,
): Steps<Consensus> {
  const firstOwn = onLesion.findIndex(({ shown }) => shown.source === 'own')
  const inputs = onLesion.flatMap((one, index) =>
    judges(one) && (one.shown.source !== 'own' || index === firstOwn) ? [index] : [],
  )
  // A block of their own: how much outside there is, which STAPLE judges by, is not for a guest to say.
  const block = voxelBlock(
    inputs.map((reading) => onLesion[reading]?.outlines ?? []),
    MARGIN_PX,
  )
  const { masks } = block
  const named = inputs.map((reading) => onLesion[reading]?.shown.readingId ?? '')
  const derived = (voxels: Uint8Array): Consensus['slices'] =>
    outlinesOf(voxels, block).map((outline) => drawnSlice(outline, slices))
  if (method === 'majority' || masks.length === 0) {
    const note = `Marked by more than half of ${masks.length} readings; a tie is not marked.`
    return {
      method,
      inputs: named,
      slices: derived(majority(countVotes(masks), masks.length)),
      performance: null,
      note,
    }
  }
  const estimate = yield* staple(masks)
  const settled = estimate.converged ? '' : ' It did not settle.'
  return {
    method,
    inputs: named,
    slices: derived(estimate.mask),
    performance: estimate.performance === null ? null : [...estimate.performance],
    note: `STAPLE over the readings' box and ${MARGIN_PX} px around it, ${estimate.iterations} rounds, ${slices === null ? 'pixels' : 'voxels'} of at least one half.${settled}`,
  }
}
