import type { ComparedReading, Consensus, PixelSpacing } from '../../contract'
import { decodeBoxMask, type PlacedMask } from '../../core/contour/box-mask'
import { CONSENSUS_STYLE, OWN_STYLE, readerStyle } from '../../core/image/data-colours'
import { countPixels } from '../../core/image/mask'
import { countVotes, disagreementMap } from '../../core/comparison/votes'
import { pixelSizeOf, sizesOfMask } from '../../core/uncertainty/sizes'
import { readerOutlines } from '../viewer/worker/reader-outlines'
import type { ReaderOutline, StepMap } from '../viewer/viewport-types'
import { formatSizeWithUnit } from '../../core/words/numbers'
import { colourIndexOf } from '../../core/words/size-rows'

/** How a line looks in a list and on the image. */
export interface LineLook {
  readonly colour: string
  readonly dashPx: readonly number[]
}

/** An own reading that was followed by another one. */
const EARLIER_OWN_DASH: readonly number[] = [7, 3.5]

/** Yellow is the rater who asks, dashed where a later attempt stands; everybody else has the style of the letter. */
export function lookOfReading(reading: ComparedReading, ownReadingId: string | null): LineLook {
  if (reading.source !== 'own') return readerStyle(colourIndexOf(reading.letter))
  return { colour: OWN_STYLE.colour, dashPx: reading.readingId === ownReadingId ? [] : EARLIER_OWN_DASH }
}

/** What stands at the leader on the image: "You", the number of a peer, the letter of a reader from a file. */
export function markOfReading(reading: ComparedReading): string {
  if (reading.source === 'own') return reading.name.replace(/^You, attempt (\d+).*/, 'You $1')
  return (reading.source === 'peer' ? /^Peer (\d+)$/.exec(reading.name)?.[1] : null) ?? reading.letter
}

type MaskedSlices = ComparedReading['slices']
const masks = new WeakMap<MaskedSlices, ReadonlyMap<number, PlacedMask>>()
const rings = new WeakMap<PlacedMask, readonly Float32Array[]>()

/** Decoded once: readings never change. */
function maskOn(slices: MaskedSlices, sliceIndex: number): PlacedMask | null {
  const known =
    masks.get(slices) ?? new Map(slices.map((slice) => [slice.sliceIndex, decodeBoxMask(slice.mask)]))
  masks.set(slices, known)
  return known.get(sliceIndex) ?? null
}

function ringsOn(slices: MaskedSlices, sliceIndex: number): readonly Float32Array[] {
  const placed = maskOn(slices, sliceIndex)
  const box = slices.find((slice) => slice.sliceIndex === sliceIndex)
  if (placed === null || box === undefined) return []
  const known = rings.get(placed) ?? readerOutlines(box.mask)
  rings.set(placed, known)
  return known
}

/** Outlines of the readings on one slice; those of `hidden` stay in the list and off the image. */
export function outlinesOfReadings(
  readings: readonly ComparedReading[],
  sliceIndex: number,
  ownReadingId: string | null,
  hidden: ReadonlySet<string>,
): ReaderOutline[] {
  // The own outline last, over all others.
  const ordered = [...readings].sort((a, b) => Number(a.source === 'own') - Number(b.source === 'own'))
  return ordered.map((reading) => {
    const outline = {
      letter: markOfReading(reading),
      label: reading.name,
      colourIndex: colourIndexOf(reading.letter),
      rings: ringsOn(reading.slices, sliceIndex),
      visible: !hidden.has(reading.readingId),
    }
    if (reading.source !== 'own') return outline
    const look = lookOfReading(reading, ownReadingId)
    return { ...outline, line: { ...look, widthPx: OWN_STYLE.widthPx } }
  })
}

/** The consensus as one more outline, named by its method. */
export function outlineOfConsensus(consensus: Consensus, sliceIndex: number): ReaderOutline {
  return {
    letter: consensus.method === 'majority' ? 'Majority' : 'STAPLE',
    label: consensus.note,
    colourIndex: 0,
    rings: ringsOn(consensus.slices, sliceIndex),
    visible: true,
    line: CONSENSUS_STYLE,
  }
}

/** Readers who said that it cannot be judged have no vote on what is there, nor have files that are not counted. */
const votes = ({ answer, imported }: ComparedReading): boolean =>
  (answer.verdict === 'outlined' || answer.verdict === 'nothing') && imported?.counts !== false

/** The own reading that stands and the others who judged: each has one vote. */
export const votersOf = (
  readings: readonly ComparedReading[],
  ownReadingId: string | null,
): ComparedReading[] =>
  readings.filter((one) => votes(one) && (one.source !== 'own' || one.readingId === ownReadingId))

/** How many voters are in the minority at each pixel of one slice; null where nobody marked it, or one alone votes. */
export function stepMapOn(voters: readonly ComparedReading[], sliceIndex: number): StepMap | null {
  const placed = voters.map((reading) => maskOn(reading.slices, sliceIndex))
  const drawn = placed.filter((one) => one !== null && one.mask.pixels.length > 0) as PlacedMask[]
  if (drawn.length === 0 || voters.length < 2) return null
  const left = Math.min(...drawn.map(({ originColumn }) => originColumn))
  const top = Math.min(...drawn.map(({ originRow }) => originRow))
  const widthPx = Math.max(...drawn.map((one) => one.originColumn + one.mask.widthPx)) - left
  const heightPx = Math.max(...drawn.map((one) => one.originRow + one.mask.heightPx)) - top
  const blocks = placed.map((one) => {
    const block = new Uint8Array(widthPx * heightPx)
    if (one === null) return block
    const { mask } = one
    for (let row = 0; row < mask.heightPx; row += 1)
      block.set(
        mask.pixels.subarray(row * mask.widthPx, (row + 1) * mask.widthPx),
        (one.originRow - top + row) * widthPx + one.originColumn - left,
      )
    return block
  })
  const minority = disagreementMap(countVotes(blocks), voters.length)
  return { originColumn: left, originRow: top, widthPx, heightPx, minority, readerCount: voters.length }
}

/** Size of a reading on one slice, or why there is none. */
export function sizeOfReading(
  reading: ComparedReading,
  sliceIndex: number,
  spacingMm: PixelSpacing | null,
): string {
  if (reading.answer.verdict === 'cannot-judge') return 'cannot judge'
  if (reading.slices.length === 0) return 'nothing'
  const placed = maskOn(reading.slices, sliceIndex)
  if (placed === null) return 'not here'
  const pixel = pixelSizeOf({ columnStep: 1, rowStep: 1 }, spacingMm)
  const sizes = sizesOfMask(placed.mask, countPixels(placed.mask), pixel)
  return sizes === null ? 'not here' : formatSizeWithUnit(sizes.equivalentDiameter, pixel.unit)
}

/** Pixels that a reading marked on a photograph. */
export function areaOfReading(reading: ComparedReading, sliceIndex: number): string {
  if (reading.answer.verdict === 'cannot-judge') return 'cannot judge'
  const placed = maskOn(reading.slices, sliceIndex)
  return placed === null ? 'nothing' : formatSizeWithUnit(countPixels(placed.mask), 'px²')
}

/** How many of the voters marked a pixel. */
export function votesAt(
  voters: readonly ComparedReading[],
  sliceIndex: number,
  column: number,
  row: number,
): number {
  return voters.filter((reading) => {
    const placed = maskOn(reading.slices, sliceIndex)
    if (placed === null) return false
    const { originColumn, originRow, mask } = placed
    const [x, y] = [column - originColumn, row - originRow]
    return (
      x >= 0 && y >= 0 && x < mask.widthPx && y < mask.heightPx && mask.pixels[y * mask.widthPx + x] === 1
    )
  }).length
}
