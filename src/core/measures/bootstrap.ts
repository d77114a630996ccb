import { STREAM_BOOTSTRAP, uniforms } from '../sampling/counter-rng'
import { quantile } from '../uncertainty/intervals'
import type { PairDistances } from './ged'
import type { Steps } from './steps'

/** The ends of a 95 % interval. */
export interface Interval95 {
  readonly low95: number
  readonly high95: number
}

/** Replicates: the 2.5 % quantile then rests on 25 of them. */
const REPLICATES = 1000
/** Fixed, so that the same samples always print the same interval. */
const SEED = 1

/**
 * 95 % percentile interval of the energy distance when samples are drawn anew from those at hand, readers held fixed.
 * A resample holds a sample twice now and then, and the zero distance of that pair lowers D_ss by the factor
 * 1 - 1/N on average, which would push every replicate above the estimate; D_ss is divided by it again. A step a replicate.
 */
export function* energyDistanceInterval(pairs: PairDistances): Steps<Interval95> {
  const { sampleCount, readerCount } = pairs
  const toReaders = new Float64Array(sampleCount)
  for (let at = 0; at < pairs.sampleReader.length; at += 1) {
    const sample = Math.floor(at / readerCount)
    toReaders[sample] = (toReaders[sample] ?? 0) + (pairs.sampleReader[at] ?? 0) / readerCount
  }
  const readerReader =
    pairs.readerReader.reduce((sum, distance) => sum + distance, 0) / pairs.readerReader.length
  const undoDuplicates = sampleCount > 1 ? sampleCount / (sampleCount - 1) : 1
  const replicates = new Float64Array(REPLICATES)
  for (let replicate = 0; replicate < REPLICATES; replicate += 1) {
    const times = new Float64Array(sampleCount)
    for (const draw of uniforms(SEED, replicate, STREAM_BOOTSTRAP, sampleCount)) {
      const index = Math.floor(draw * sampleCount)
      times[index] = (times[index] ?? 0) + 1
    }
    const sampleReader = weightedMean(toReaders, times)
    const sampleSample = weightedPairMean(pairs.sampleSample, times) * undoDuplicates
    replicates[replicate] = Math.max(0, 2 * sampleReader - sampleSample - readerReader)
    yield
  }
  replicates.sort()
  return { low95: quantile(replicates, 0.025), high95: quantile(replicates, 0.975) }
}

function weightedMean(values: Float64Array, times: Float64Array): number {
  let sum = 0
  for (let i = 0; i < values.length; i += 1) sum += (values[i] ?? 0) * (times[i] ?? 0)
  return sum / values.length
}

/** Mean over all ordered pairs of a symmetric table with a zero diagonal, entry i taken times_i times. */
function weightedPairMean(table: Float64Array, times: Float64Array): number {
  const count = times.length
  let sum = 0
  for (let i = 0; i < count; i += 1) {
    const timesI = times[i] ?? 0
    if (timesI === 0) continue
    let row = 0
    for (let k = i + 1; k < count; k += 1) row += (table[i * count + k] ?? 0) * (times[k] ?? 0)
    sum += timesI * row
  }
  return (2 * sum) / (count * count)
}
