import type { Agreement, OutsideBand, ShareBin } from '../../contract'
import { STREAM_BOOTSTRAP, uniforms } from '../sampling/counter-rng'
import { depthBands } from '../uncertainty/bands'
import { sampleDepths } from '../uncertainty/contour-depth'
import { quantile } from '../uncertainty/intervals'
import type { Steps } from './steps'

/** Of fewer samples shares are too coarse to be put into bins. */
export const LEAST_FOR_RELIABILITY = 20
/** Fewer readers have no interval: drawn anew, two are too often the same one twice. */
const LEAST_READERS = 3
/** Bins of shares between none and all of the samples, each a fifth wide; pixels that all samples draw are a bin of their own. */
const INNER_BINS = 5
const REPLICATES = 1000
/** Fixed, so that the same readings always print the same interval. */
const SEED = 2

/**
 * Pixels by the share of the samples that draw them, and how many of each bin each reader marks. Bins are: no sample,
 * above 0 and below 1/5, from 1/5 and below 2/5, … from 4/5 and below 1, all samples. Of the first only those pixels
 * count that some reader marks: the rest of the image has no end. A step a sample.
 */
export function* shareBins(
  samples: readonly Uint8Array[],
  readers: readonly Uint8Array[],
): Steps<ShareBin[]> {
  const counts = new Uint16Array(samples[0]?.length ?? 0)
  for (const sample of samples) {
    for (let at = 0; at < counts.length; at += 1) counts[at] = (counts[at] ?? 0) + (sample[at] ?? 0)
    yield
  }
  const bins = Array.from({ length: INNER_BINS + 2 }, () => ({
    pixelCount: 0,
    shareSum: 0,
    markedPx: readers.map(() => 0),
  }))
  for (const [at, inside] of counts.entries()) {
    const isMarked = readers.some((reader) => reader[at] === 1)
    const bin = bins[binOf(inside, samples.length)]
    if (bin === undefined || (inside === 0 && !isMarked)) continue
    bin.pixelCount += 1
    bin.shareSum += inside / samples.length
    if (isMarked)
      readers.forEach((reader, who) => (bin.markedPx[who] = (bin.markedPx[who] ?? 0) + (reader[at] ?? 0)))
  }
  return bins.map(({ pixelCount: pixels, shareSum, markedPx }) => ({
    pixelCount: pixels,
    sampleShare: pixels === 0 ? null : shareSum / pixels,
    markedPx,
  }))
}

const binOf = (inside: number, count: number): number =>
  inside === 0 ? 0 : inside === count ? INNER_BINS + 1 : 1 + Math.floor((INNER_BINS * inside) / count)

/**
 * How far each reader lies outside the band of the deepest 90 % of the samples: pixels beyond all of these samples, and
 * pixels that each of them draws and the reader does not. Inside: both 0. Null where no sample draws anything.
 */
export function outsideBand90(
  samples: readonly Uint8Array[],
  readers: readonly Uint8Array[],
): OutsideBand[] | null {
  const { order, emptyCount } = sampleDepths(samples)
  const band = depthBands(samples, order, emptyCount).find(({ fraction }) => fraction === 0.9)
  if (band === undefined) return null
  return readers.map((reader) => {
    let [beyondPx, shortPx] = [0, 0]
    for (let at = 0; at < reader.length; at += 1) {
      if (reader[at] === 1) beyondPx += 1 - (band.outer[at] ?? 0)
      else shortPx += band.inner[at] ?? 0
    }
    return { beyondPx, shortPx }
  })
}

/** A point of the curve: pixels whose shares of samples lie in one bin. */
export interface ReliabilityPoint {
  readonly pixelCount: number
  /** Mean share of the samples over these pixels. */
  readonly sampleShare: number
  /** Mean share of the readers who mark them. */
  readonly readerShare: number
  /** 95 % percentile interval with readers drawn anew; null with fewer than three. */
  readonly interval: readonly [low: number, high: number] | null
}

export interface ReliabilityCurve {
  /** Bins that hold any pixel, by share of samples; without the pixels that no sample draws. */
  readonly points: readonly ReliabilityPoint[]
  /** Pixels that no sample draws and some reader marks. */
  readonly missedPx: number
  readonly readerCount: number
  /** Slices that went in. */
  readonly sliceCount: number
}

/**
 * The curve over one slice or several of one lesion: bins of the same share are put together, each reader with what
 * that reader marked on all of them. Readers are drawn anew, not pixels: neighbouring pixels are no independent answers,
 * and an interval over them would be far too narrow. Null without a slice that has bins.
 */
export function reliabilityCurve(slices: readonly Agreement[]): ReliabilityCurve | null {
  const [first] = slices.flatMap(({ shareBins: bins }) => (bins === undefined ? [] : [bins]))
  const all = slices.filter(({ shareBins: bins }) => bins !== undefined)
  if (first === undefined) return null
  const ids = [...new Set(all.flatMap(({ readers }) => readers.map(({ readingId }) => readingId)))]
  const draws = resampled(ids.length)
  const pooled = first.map((_, bin) => pooledBin(all, ids, bin))
  const points = pooled.slice(1).flatMap(({ pixelCount, shareSum, markedPx }): ReliabilityPoint[] => {
    if (pixelCount === 0) return []
    const shares = markedPx.map((marked) => marked / pixelCount)
    return [
      {
        pixelCount,
        sampleShare: shareSum / pixelCount,
        readerShare: shares.reduce((sum, share) => sum + share, 0) / shares.length,
        interval: shares.length < LEAST_READERS ? null : intervalOf(shares, draws),
      },
    ]
  })
  const missedPx = pooled[0]?.pixelCount ?? 0
  return { points, missedPx, readerCount: ids.length, sliceCount: all.length }
}

function pooledBin(slices: readonly Agreement[], ids: readonly string[], at: number) {
  let [pixelCount, shareSum] = [0, 0]
  const markedPx = ids.map(() => 0)
  for (const { shareBins: bins, readers } of slices) {
    const bin = bins?.[at]
    if (bin === undefined) continue
    pixelCount += bin.pixelCount
    shareSum += bin.pixelCount * (bin.sampleShare ?? 0)
    readers.forEach(({ readingId }, who) => {
      const place = ids.indexOf(readingId)
      markedPx[place] = (markedPx[place] ?? 0) + (bin.markedPx[who] ?? 0)
    })
  }
  return { pixelCount, shareSum, markedPx }
}

/** Readers of each replicate, by place. */
const resampled = (count: number): readonly (readonly number[])[] =>
  Array.from({ length: REPLICATES }, (_, replicate) =>
    Array.from(uniforms(SEED, replicate, STREAM_BOOTSTRAP, count), (draw) => Math.floor(draw * count)),
  )

function intervalOf(
  shares: readonly number[],
  draws: readonly (readonly number[])[],
): readonly [low: number, high: number] {
  const means = Float64Array.from(
    draws,
    (drawn) => drawn.reduce((sum, who) => sum + (shares[who] ?? 0), 0) / drawn.length,
  ).sort()
  return [quantile(means, 0.025), quantile(means, 0.975)]
}
