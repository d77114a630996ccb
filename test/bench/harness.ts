import { cpus, loadavg, platform, release, totalmem } from 'node:os'
import type { Gauge } from './gauge'

/** Time on the clock and time of processors, all threads together. */
export interface Cost {
  readonly ms: number
  readonly cpuMs: number
}

/** One way of doing a thing. `run` does it once; where the work happens in another process it gives what it cost there. */
export interface Side {
  readonly name: string
  readonly run: () => Promise<Cost | null>
}

/** At least so many times as fast as the peer; what is aimed at. */
export interface Claim {
  readonly leastRatio: number
  readonly aimRatio: number
}

/** One way beside a named peer. */
export interface Bench {
  readonly id: string
  readonly name: string
  readonly ours: Side
  readonly peer: Side
  /** What is claimed; null where the row only stands beside a claim. */
  readonly claim: Claim | null
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
  readonly benches: readonly (Bench | Gauge | Skipped)[]
  readonly close: () => Promise<void>
}

export interface Timing {
  readonly name: string
  readonly medianMs: number
  /** Processor time, all threads together: what other work on the machine disturbs least. */
  readonly medianCpuMs: number
  readonly fastestMs: number
  readonly slowestMs: number
}

export interface Row {
  readonly id: string
  readonly name: string
  readonly ours: Timing
  readonly peer: Timing
  /** Median of the peer over our median, on the clock: the claim. */
  readonly ratio: number
  /** Likewise of processor time; null where that of ours is not counted. */
  readonly ratioCpu: number | null
  /** Middle half of the ratios of the single turns: how much the machine was disturbed. */
  readonly ratioQuartiles: readonly [number, number]
  readonly claim: Claim | null
  readonly holds: boolean | null
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
  const oursCosts: Cost[] = []
  const peerCosts: Cost[] = []
  for (let round = 0; round < rounds; round += 1) {
    if (round % 2 === 0) oursCosts.push(await costOf(ours))
    peerCosts.push(await costOf(peer))
    if (round % 2 === 1) oursCosts.push(await costOf(ours))
  }
  const [oursTiming, peerTiming] = [timingOf(ours.name, oursCosts), timingOf(peer.name, peerCosts)]
  const ratio = peerTiming.medianMs / oursTiming.medianMs
  const single = oursCosts.map(({ ms }, round) => (peerCosts[round]?.ms ?? Number.NaN) / ms)
  const { id, name, claim, terms } = bench
  return {
    id,
    name,
    ours: oursTiming,
    peer: peerTiming,
    ratio: rounded(ratio),
    ratioCpu: oursTiming.medianCpuMs > 0 ? rounded(peerTiming.medianCpuMs / oursTiming.medianCpuMs) : null,
    ratioQuartiles: [rounded(quantile(single, 0.25)), rounded(quantile(single, 0.75))],
    claim,
    holds: claim === null ? null : ratio >= claim.leastRatio,
    rounds,
    terms,
  }
}

async function costOf(side: Side): Promise<Cost> {
  const startMs = performance.now()
  const before = process.cpuUsage()
  const elsewhere = await side.run()
  const used = process.cpuUsage(before)
  return elsewhere ?? { ms: performance.now() - startMs, cpuMs: (used.user + used.system) / 1000 }
}

const rounded = (value: number): number => Number(value.toPrecision(4))

function timingOf(name: string, costs: readonly Cost[]): Timing {
  const times = costs.map(({ ms }) => ms)
  const cpuTimes = costs.map(({ cpuMs }) => cpuMs)
  return {
    name,
    medianMs: rounded(quantile(times, 0.5)),
    medianCpuMs: rounded(quantile(cpuTimes, 0.5)),
    fastestMs: rounded(Math.min(...times)),
    slowestMs: rounded(Math.max(...times)),
  }
}

/** Linear between the two nearest of the sorted values. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  const at = share * (sorted.length - 1)
  const low = sorted[Math.floor(at)] ?? Number.NaN
  const high = sorted[Math.ceil(at)] ?? Number.NaN
  return low + (high - low) * (at - Math.floor(at))
}
