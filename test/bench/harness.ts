import { cpus, loadavg, platform, release, totalmem } from 'node:os'

/** One way of doing a thing. `run` does it once; where the work happens in another process it gives the time taken there. */
export interface Side {
  readonly name: string
  readonly run: () => Promise<number | null>
}

/** A claim of design: ours is at least so many times as fast as a named peer. */
export interface Bench {
  readonly id: string
  readonly name: string
  readonly ours: Side
  readonly peer: Side
  readonly leastRatio: number
  readonly aimRatio: number
  /** Turns each; the median is taken. */
  readonly rounds: number
  /** What makes the two sides comparable, in words. */
  readonly terms: string
}

export interface Skipped {
  readonly id: string
  readonly skipped: string
}

/** What a file of benchmarks gives; `close` ends what it started. */
export interface BenchSet {
  readonly benches: readonly (Bench | Skipped)[]
  readonly close: () => Promise<void>
}

export interface Timing {
  readonly name: string
  readonly medianMs: number
  readonly fastestMs: number
  readonly slowestMs: number
}

export interface Row {
  readonly id: string
  readonly name: string
  readonly ours: Timing
  readonly peer: Timing
  /** Median of the peer over our median. */
  readonly ratio: number
  /** Middle half of the ratios of the single turns: how much the machine was disturbed. */
  readonly ratioQuartiles: readonly [number, number]
  readonly leastRatio: number
  readonly aimRatio: number
  readonly holds: boolean
  readonly rounds: number
  readonly terms: string
}

export interface Machine {
  readonly processor: string
  readonly processors: number
  readonly memoryGiB: number
  readonly system: string
  readonly node: string
  readonly loadBefore: number
}

/** Load above this share of the processors makes times unsure; ratios of alternating turns suffer less. */
const QUIET_LOAD_SHARE = 0.5

export function machine(): Machine {
  const processors = cpus()
  return {
    processor: processors[0]?.model ?? 'unknown',
    processors: processors.length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    system: `${platform()} ${release()}`,
    node: process.version,
    loadBefore: loadavg()[0] ?? 0,
  }
}

/** A sentence when the machine is busy with other things, else null. */
export function loadWarning({ loadBefore, processors }: Machine): string | null {
  if (loadBefore <= QUIET_LOAD_SHARE * processors) return null
  return `The machine is busy (load ${loadBefore.toFixed(1)} on ${processors} processors): read ratios, not times.`
}

/** Runs both sides once to warm up, then in turns, the order of a turn alternating; medians and their ratio. */
export async function measure(bench: Bench, rounds = bench.rounds): Promise<Row> {
  const { ours, peer } = bench
  await ours.run()
  await peer.run()
  const oursMs: number[] = []
  const peerMs: number[] = []
  for (let round = 0; round < rounds; round += 1) {
    if (round % 2 === 0) oursMs.push(await timed(ours))
    peerMs.push(await timed(peer))
    if (round % 2 === 1) oursMs.push(await timed(ours))
  }
  const ratio = quantile(peerMs, 0.5) / quantile(oursMs, 0.5)
  const single = oursMs.map((ms, round) => (peerMs[round] ?? Number.NaN) / ms)
  const { id, name, leastRatio, aimRatio, terms } = bench
  return {
    id,
    name,
    ours: timingOf(ours.name, oursMs),
    peer: timingOf(peer.name, peerMs),
    ratio: rounded(ratio),
    ratioQuartiles: [rounded(quantile(single, 0.25)), rounded(quantile(single, 0.75))],
    leastRatio,
    aimRatio,
    holds: ratio >= leastRatio,
    rounds,
    terms,
  }
}

async function timed(side: Side): Promise<number> {
  const startMs = performance.now()
  const elsewhereMs = await side.run()
  return elsewhereMs ?? performance.now() - startMs
}

const rounded = (value: number): number => Number(value.toPrecision(4))

const timingOf = (name: string, times: readonly number[]): Timing => ({
  name,
  medianMs: rounded(quantile(times, 0.5)),
  fastestMs: rounded(Math.min(...times)),
  slowestMs: rounded(Math.max(...times)),
})

/** Linear between the two nearest of the sorted values. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  const at = share * (sorted.length - 1)
  const low = sorted[Math.floor(at)] ?? Number.NaN
  const high = sorted[Math.ceil(at)] ?? Number.NaN
  return low + (high - low) * (at - Math.floor(at))
}
