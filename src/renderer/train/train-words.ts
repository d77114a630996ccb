import type { Estimate, GateMeasure, GateReport, Job, JobDetail, TrainingMethod } from '../../contract'
import { formatInterval, formatNumber, formatPlural } from '../../core/words/numbers'

/** A point of a curve; `refit` counts from 1. */
export interface CurvePoint {
  readonly refit: number
  readonly step: number
  readonly value: number
}

export interface TrainingCurves {
  readonly ged: readonly CurvePoint[]
  readonly loss: readonly CurvePoint[]
  readonly dice: readonly CurvePoint[]
  readonly spread: readonly CurvePoint[]
  /** Of all refits; null: no step was taken yet. What else the worker counts (features, judged crops) is none. */
  readonly steps: number | null
}

/**
 * What the worker said while it trained, as curves over its steps. Where one refit ends and the next begins both have a
 * point of the same step; one that was gone on from counts as it came last.
 */
export function curvesOf({ lines }: Pick<JobDetail, 'lines'>): TrainingCurves {
  const trained = lines.flatMap(({ line }) =>
    line.type === 'progress' && line.refit !== null ? [{ ...line, refit: line.refit.number }] : [],
  )
  const points = (value: (line: (typeof trained)[number]) => number | null | undefined): CurvePoint[] => {
    const kept = new Map<string, CurvePoint>()
    for (const line of trained) {
      const own = value(line)
      const { refit, step } = line
      if (own !== null && own !== undefined) kept.set(`${refit} ${step}`, { refit, step, value: own })
    }
    return [...kept.values()].toSorted((a, b) => a.refit - b.refit || a.step - b.step)
  }
  return {
    ged: points(({ validation }) => validation?.ged),
    loss: points(({ loss }) => loss),
    dice: points(({ validation }) => validation?.dice),
    spread: points(({ validation }) => validation?.spread),
    steps: trained.at(-1)?.steps ?? null,
  }
}

/** Points refit by refit. */
export const byRefit = (points: readonly CurvePoint[]): readonly (readonly CurvePoint[])[] =>
  [...new Set(points.map(({ refit }) => refit))].map((refit) =>
    points.filter((point) => point.refit === refit),
  )

/** The newest line of a kind. */
export function lastOf<T extends JobDetail['lines'][number]['line']['type']>(
  { lines }: JobDetail,
  type: T,
): Extract<JobDetail['lines'][number]['line'], { type: T }> | null {
  const found = lines.findLast(({ line }) => line.type === type)?.line
  return (found ?? null) as Extract<JobDetail['lines'][number]['line'], { type: T }> | null
}

export const METHOD_WORDS: Readonly<Record<TrainingMethod, string>> = {
  width: 'width of the intervals alone',
  heads: 'heads, the trunk frozen',
  adapter: 'adapters beside the trunk',
  full: 'every layer',
}

export function stateWords({ state, waitsFor, gate }: Job, isPromoted: boolean): string {
  switch (state) {
    case 'queued':
      return waitsFor === 'judge' ? 'waits to be judged' : 'waits for its turn'
    case 'trained':
      return 'trained, not judged'
    case 'judged':
      return isPromoted ? 'promoted' : VERDICT_WORDS[gate?.verdict ?? 'too-few']
    default:
      return state
  }
}

export const VERDICT_WORDS: Readonly<Record<GateReport['verdict'], string>> = {
  improves: 'improves',
  'no-harm': 'no harm found',
  worse: 'worse',
  'too-few': 'too few to tell',
}

/** What a measure of the gate is called, and which way is better. */
export const MEASURE_WORDS: Readonly<Record<GateMeasure['measure'], readonly [string, string]>> = {
  expectedGed: ['Expected GED', 'lower is better'],
  sizeBias: ['Size bias', 'nearer 0 is better'],
  dice: ['Dice', 'higher is better'],
  shareThatDraws: ['Share that draws', 'nearer 0 is better'],
  spread: ['Spread', 'of two samples'],
}

const DECIMALS = 3
export const signed = (value: number): string =>
  value > 0 ? `+${formatNumber(value, DECIMALS)}` : formatNumber(value, DECIMALS)

/** `[−0.046, −0.009]`; where there is no interval it is said. */
export const intervalWords = ({ low, high }: Estimate): string =>
  low === null || high === null ? 'no interval' : formatInterval(signed(low), signed(high))

export function timeLeftWords(seconds: number): string {
  if (seconds < 90) return `${Math.ceil(seconds)} s`
  return seconds < 5400 ? `${Math.ceil(seconds / 60)} min` : `${formatNumber(seconds / 3600, 1)} h`
}

export function heldOutWords({ heldOut, samples, judgedBefore, confidence }: GateReport): string {
  const used =
    judgedBefore === 0
      ? 'These patients judged nothing before.'
      : `These patients judged ${formatPlural(judgedBefore, 'candidate')} before, so the intervals hold ${formatNumber(100 * confidence, 1)} %.`
  return `${formatPlural(heldOut.patients, 'held-out patient')}, ${formatPlural(heldOut.cases, 'crop')}, ${samples} even draws each, the same for both models. ${used}`
}
