/**
 * What one attempt says, as an immutable value: structures with a mask a slice, and the answer. Edits lead from one
 * document to the next (`edit.ts`) and share what they leave alone; the journal's entries, folded, give it
 * (`journal.ts`).
 */
import {
  accept,
  refuse,
  type Answer,
  type DrawnDocument,
  type DrawnStructure,
  type Origin,
  type Result,
} from '../../contract'
import { encodeBoxMask } from '../contour/box-mask'
import { fromBoxMask, wholeBox, type PixelBox } from '../contour/slice-mask'
import { emptyMask, type Mask } from '../image/mask'
import { dice } from '../measures/dice'
import type { Steps } from '../measures/steps'
import { canonicalPieces } from './canonical-json'
import {
  boxOfTiledMask,
  countShared,
  countTiledPixels,
  emptyTiledMask,
  heldTiles,
  isEmptyTiledMask,
  maskWithin,
  withContent,
  type TiledMask,
} from './tiled-mask'

/** Masks by slice index (from 0); a slice without a pixel has none. */
export type SliceMasks = ReadonlyMap<number, TiledMask>

export interface AnnotatedStructure {
  readonly structureId: string
  readonly label: string
  /** `diceToOrigin` is null here: it is computed when asked for, see `originFigure`. */
  readonly origin: Origin | null
  readonly slices: SliceMasks
}

export interface AnnotationDocument {
  /** Size of every slice mask. */
  readonly widthPx: number
  readonly heightPx: number
  /** In the order of the list. */
  readonly structures: readonly AnnotatedStructure[]
  readonly answer: Answer
}

/** What each structure was started from, by structure: see `originStarts` in `journal.ts`. */
export type OriginStarts = ReadonlyMap<string, SliceMasks>

export const NO_ANSWER: Answer = { verdict: null, reason: '', confidence: null, comment: '' }

/** A document before the first gesture, for masks of this size in whole pixels. */
export const emptyDocument = (widthPx: number, heightPx: number): AnnotationDocument => ({
  widthPx,
  heightPx,
  structures: [],
  answer: NO_ANSWER,
})

/** Tiles of 64 × 64 px, a byte a pixel, that a reading's masks take together: 512 MiB. */
const MOST_TILES = 131_072

const tilesOf = ({ structures }: AnnotationDocument): number =>
  structures.reduce(
    (sum, { slices }) => [...slices.values()].reduce((all, mask) => all + heldTiles(mask), sum),
    0,
  )

/** Refused: a gesture that leads to masks larger than one reading has; what makes them smaller is always taken. */
export function boundedMasks(before: AnnotationDocument, after: AnnotationDocument): Result<null> {
  const tiles = tilesOf(after)
  if (tiles <= MOST_TILES || tiles <= tilesOf(before)) return accept(null)
  return refuse('limit-reached', 'The masks of this reading would take more than 512 MiB, the most of one.', {
    next: 'Erase what you do not need, or go on in another reading.',
  })
}

export const findStructure = (
  document: AnnotationDocument,
  structureId: string,
): AnnotatedStructure | undefined =>
  document.structures.find((structure) => structure.structureId === structureId)

/**
 * The layer that a tool edits: a copy, as large as the image, one byte a pixel. With nothing set where the structure
 * is unknown or has nothing on the slice (index from 0).
 */
export const sliceMask = (document: AnnotationDocument, structureId: string, sliceIndex: number): Mask =>
  heldWithin(document, structureId, sliceIndex, wholeBox(document))

/** What a structure holds within a box of a slice: a copy; nothing set where the structure or the slice is unknown. */
export function heldWithin(
  document: AnnotationDocument,
  structureId: string,
  sliceIndex: number,
  box: PixelBox,
): Mask {
  const tiled = findStructure(document, structureId)?.slices.get(sliceIndex)
  return tiled === undefined ? emptyMask(box.widthPx, box.heightPx) : maskWithin(tiled, box)
}

/**
 * Dice coefficient of a structure as it stands now against what it was started from, pixels summed over all slices of
 * the start (slices that it was extended to since do not count). Null: unknown structure, no origin, or no start.
 */
export function originFigure(
  document: AnnotationDocument,
  structureId: string,
  start: SliceMasks | undefined,
): number | null {
  const structure = findStructure(document, structureId)
  if (structure?.origin == null || start === undefined || start.size === 0) return null
  let [shared, now, then] = [0, 0, 0]
  for (const [sliceIndex, begun] of start) {
    const stands = structure.slices.get(sliceIndex)
    then += countTiledPixels(begun)
    if (stands === undefined) continue
    now += countTiledPixels(stands)
    shared += countShared(stands, begun)
  }
  return dice(shared, now, then)
}

const ascending = (slices: SliceMasks): readonly (readonly [number, TiledMask])[] =>
  [...slices].sort(([a], [b]) => a - b)

function* drawnSlices(slices: SliceMasks): Steps<DrawnStructure['slices']> {
  const drawn: DrawnStructure['slices'] = []
  for (const [sliceIndex, tiled] of ascending(slices)) {
    const box = boxOfTiledMask(tiled)
    drawn.push({ sliceIndex, mask: encodeBoxMask(maskWithin(tiled, box), box.column, box.row) })
    yield
  }
  return drawn
}

/**
 * The document as it crosses to the page, with a step a slice: slices ascending, each in its smallest box. With `starts`,
 * each origin carries its `diceToOrigin`.
 */
export function* drawnInSteps(
  document: AnnotationDocument,
  starts: OriginStarts = new Map<string, SliceMasks>(),
): Steps<DrawnDocument> {
  const structures: DrawnStructure[] = []
  for (const { structureId, label, origin, slices } of document.structures) {
    const diceToOrigin = originFigure(document, structureId, starts.get(structureId))
    structures.push({
      ...{ structureId, label, origin: origin && { ...origin, diceToOrigin } },
      slices: yield* drawnSlices(slices),
    })
  }
  return { widthPx: document.widthPx, heightPx: document.heightPx, structures, answer: document.answer }
}

/**
 * The inverse of `drawnInSteps` (figures of origins apart). Refused: two structures of one id, two masks of one slice
 * (`annotation-damaged`), a mask that cannot be read or reaches outside the image.
 */
export function* fromDrawnInSteps(drawn: DrawnDocument): Steps<Result<AnnotationDocument>> {
  const { widthPx, heightPx, answer } = drawn
  const structures: AnnotatedStructure[] = []
  for (const { structureId, label, origin, slices } of drawn.structures) {
    if (structures.some((one) => one.structureId === structureId)) {
      return damaged(`Two structures have the id ${structureId}.`)
    }
    const masks = new Map<number, TiledMask>()
    for (const { sliceIndex, mask } of slices) {
      if (masks.has(sliceIndex))
        return damaged(`“${label}” has two masks of the slice with index ${sliceIndex}.`)
      const layer = fromBoxMask(mask, widthPx, heightPx)
      if (!layer.ok) return layer
      const tiled = withContent(emptyTiledMask(widthPx, heightPx), wholeBox(layer.value), layer.value)
      if (!isEmptyTiledMask(tiled)) masks.set(sliceIndex, tiled)
      yield
    }
    structures.push({ structureId, label, origin: withoutFigure(origin), slices: masks })
  }
  return accept({ widthPx, heightPx, structures, answer })
}

const damaged = (reason: string): Result<never> =>
  refuse('annotation-damaged', reason, { next: 'Restore the annotation from its history or a backup.' })

/** An origin as the document keeps it: the figure is derived, and never stored beside its source. */
export const withoutFigure = (origin: Origin | null): Origin | null =>
  origin && { ...origin, diceToOrigin: null }

/**
 * What the digest of a commit is taken over, in pieces that stand one after another, with a step a slice: UTF-8 of the
 * canonical JSON of `drawnInSteps` without figures. Equal documents give equal texts, whatever gestures led to them;
 * documents that differ in a pixel, a word, an origin or the order of the list give different ones.
 */
export function* documentPieces(
  document: AnnotationDocument,
): Generator<string | undefined, void, undefined> {
  yield* canonicalPieces(yield* drawnInSteps(document))
}

const incomplete = (reason: string, next: string): Result<never> =>
  refuse('request-invalid', reason, { next })

/** How sure a reader is may be left out, but not without a word; of what cannot be judged it is not asked. */
export const isSureLeftOut = ({ verdict, confidence }: Answer): boolean =>
  confidence === null && (verdict === 'outlined' || verdict === 'nothing')

/**
 * Whether the document may be committed. Refused with `request-invalid`: no verdict; `outlined` without a pixel;
 * `nothing` with pixels; `cannot-judge` without a reason; an outline that is called otherwise than by one of `labels`
 * (none: every name will do).
 */
export function readyToCommit(document: AnnotationDocument, labels: readonly string[]): Result<null> {
  const { verdict, reason } = document.answer
  const drawn = document.structures.find((structure) => structure.slices.size > 0)
  if (verdict === null) {
    return incomplete(
      'The reading has no answer yet.',
      'Choose “outlined”, “nothing here” or “cannot judge”, then commit.',
    )
  }
  if (verdict === 'outlined' && drawn === undefined) {
    return incomplete(
      'The answer is “outlined”, but nothing is outlined.',
      'Outline what you see, or answer “nothing here” or “cannot judge”.',
    )
  }
  if (verdict === 'nothing' && drawn !== undefined) {
    return incomplete(
      `The answer is “nothing here”, but “${drawn.label}” is outlined.`,
      'Remove the outline, or answer “outlined”.',
    )
  }
  if (verdict === 'cannot-judge' && reason.trim() === '') {
    return incomplete('The answer is “cannot judge”, without a reason.', 'Say why it cannot be judged.')
  }
  const other = document.structures.find(({ slices, label }) => slices.size > 0 && !labels.includes(label))
  if (labels.length > 0 && other !== undefined) {
    return incomplete(`“${other.label}” is no label of this panel.`, `Call it one of: ${labels.join(', ')}.`)
  }
  return accept(null)
}
