import type { DrawnStructure, Origin, ReadingSet } from '../../../contract'
import { decodeBoxMask } from '../../../core/contour/box-mask'
import { fillPolygon } from '../../../core/contour/rasterise'
import { stampInto, wholeBox } from '../../../core/contour/slice-mask'
import { emptyMask, type Mask } from '../../../core/image/mask'
import type { SizePx } from '../../../core/sampling/resample'
import type { RunSnapshot } from '../../run/run-snapshot'
import { formatDice } from '../../../core/words/numbers'
import type { SliceChange } from '../strokes/edits'

/** An outline of the model or of another reader that a structure can be started from. */
export interface Start {
  readonly key: string
  readonly title: string
  readonly origin: Origin
  /** What it draws: whole slices, in the place of what stands there. */
  readonly changes: (size: SizePx) => readonly SliceChange[]
}

export const NO_ORIGIN: Omit<Origin, 'kind'> = {
  model: null,
  modelSha256: null,
  seed: null,
  sampleIndex: null,
  bandShare: null,
  readingId: null,
  diceToOrigin: null,
}

/** Sub-pixel outlines become the pixels whose centres lie inside. */
function filled(sliceIndex: number, rings: readonly Float32Array[]): Start['changes'] {
  return (size) => {
    const after = emptyMask(size.widthPx, size.heightPx)
    stampInto(after, fillPolygon(rings, size), 1)
    return [{ sliceIndex, after, box: wholeBox(after) }]
  }
}

/** Masks of slices, each in the place of what stands on its slice. */
export const slicesOfMasks =
  (slices: DrawnStructure['slices']): Start['changes'] =>
  (size) =>
    slices.map(({ sliceIndex, mask }) => {
      const after: Mask = emptyMask(size.widthPx, size.heightPx)
      stampInto(after, decodeBoxMask(mask), 1)
      return { sliceIndex, after, box: wholeBox(after) }
    })

/** Samples, median and band edges of a run on a slice. */
export function startsFromRun(run: RunSnapshot | null, sliceIndex: number): readonly Start[] {
  if (run?.overlay == null || run.record === null) return []
  const { overlay, record } = run
  const { model, modelSha256, seed, draws } = record
  const from = { ...NO_ORIGIN, model, modelSha256, seed, draws }
  const samples = overlay.order.flatMap((sampleIndex): Start[] => {
    const rings = overlay.outlines.find((outline) => outline.sampleIndex === sampleIndex)?.rings ?? []
    if (rings.length === 0) return []
    const isMedian = sampleIndex === overlay.medianIndex
    const title = isMedian ? 'Median sample' : `Sample ${sampleIndex + 1}`
    const kind = isMedian ? 'median' : 'sample'
    const origin: Origin = { ...from, kind, sampleIndex }
    return [{ key: `sample ${sampleIndex}`, title, origin, changes: filled(sliceIndex, rings) }]
  })
  const bands = overlay.bands.flatMap(({ fraction, outer, inner }): Start[] =>
    (['outer', 'inner'] as const).flatMap((side) => {
      const rings = side === 'outer' ? outer : inner
      if (rings.length === 0) return []
      const origin: Origin = { ...from, kind: 'band', bandShare: fraction }
      const title = `${side === 'outer' ? 'Outer' : 'Inner'} edge of the ${100 * fraction} % band`
      return [{ key: `band ${fraction} ${side}`, title, origin, changes: filled(sliceIndex, rings) }]
    }),
  )
  return [...samples.slice(0, 1), ...bands, ...samples.slice(1)]
}

/** Readings of a structure on the slice: each with all its slices. */
export function startsFromReadings(set: ReadingSet | null, sliceIndex: number): readonly Start[] {
  const here =
    set?.structures.filter((one) => one.firstSlice <= sliceIndex && sliceIndex <= one.lastSlice) ?? []
  return here.flatMap(({ label, readings }) =>
    readings
      .filter(({ slices }) => slices.length > 0)
      .map(({ readingId, letter, slices }) => ({
        key: `reading ${readingId}`,
        title: `Reader ${letter}, ${label}`,
        origin: { ...NO_ORIGIN, kind: 'peer' as const, readingId },
        changes: slicesOfMasks(slices),
      })),
  )
}

/** "started from sample 12 of lidc-cflow-planar; Dice 0.93 with it now". `dice`: null where it is not known. */
export function originWords(origin: Origin, dice: number | null): string {
  return `started from ${startWords(origin)}${dice === null ? '' : `; Dice ${formatDice(dice)} with it now`}`
}

function startWords({ kind, model, sampleIndex, bandShare }: Origin): string {
  if (kind === 'peer') return 'another reading'
  if (kind === 'consensus') return 'a consensus'
  const what =
    kind === 'median'
      ? 'the median sample'
      : kind === 'band'
        ? `the ${100 * (bandShare ?? 0)} % band`
        : `sample ${(sampleIndex ?? 0) + 1}`
  return `${what} of ${model ?? 'a model'}`
}
