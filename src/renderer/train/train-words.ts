import type { Estimate, GateMeasure, GateReport, Job, JobDetail, TrainingMethod } from '../../contract'
import { formatInterval, formatNumber, formatPlural } from '../../core/words/numbers'

/** A point of a curve. */
export interface CurvePoint {
  readonly step: number
  readonly value: number
}

export interface TrainingCurves {
  readonly ged: readonly CurvePoint[]
  readonly loss: readonly CurvePoint[]
  readonly rate: readonly CurvePoint[]
  readonly dice: readonly CurvePoint[]
  readonly spread: readonly CurvePoint[]
}

/** What the worker said, as curves over its steps; a step that was gone on from counts as it came last. */
export function curvesOf({ lines }: JobDetail): TrainingCurves {
  const series = {
    ged: new Map<number, number>(),
    loss: new Map<number, number>(),
    rate: new Map<number, number>(),
  }
  const more = { dice: new Map<number, number>(), spread: new Map<number, number>() }
  const put = (to: Map<number, number>, step: number, value: number | null | undefined): void => {
    if (value !== null && value !== undefined) to.set(step, value)
  }
  for (const { line } of lines) {
    if (line.type !== 'progress') continue
    put(series.loss, line.step, line.loss)
    put(series.rate, line.step, line.learningRate)
    put(series.ged, line.step, line.validation?.ged)
    put(more.dice, line.step, line.validation?.dice)
    put(more.spread, line.step, line.validation?.spread)
  }
  const points = (from: Map<number, number>): CurvePoint[] =>
    [...from].map(([step, value]) => ({ step, value })).toSorted((a, b) => a.step - b.step)
  const { ged, loss, rate } = series
  return {
    ...{ ged: points(ged), loss: points(loss), rate: points(rate) },
    ...{ dice: points(more.dice), spread: points(more.spread) },
  }
}

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
