import type { Manifest } from '../../contract'
import { MAX_SAMPLES } from '../../contract'
import type { GoldenRun } from './golden'

/** Features of one picture, float32: the shipped packages take 22 MB for a photograph. */
const MOST_FEATURE_BYTES = 512 * 2 ** 20
/** A photograph is at most so much wider than high. */
const WIDEST = 2
/** Around the largest CT matrix. */
const MOST_CONTEXT_PX = 4096
/** Log variances beyond this are no distribution of float32 numbers any more. */
const MOST_LOG_VARIANCE = 60

/**
 * Why the numbers of a manifest cannot be those of its graphs; empty when they can. What a package does was checked by
 * its golden run alone, so a crop has the size of that run, and what is free (the height of a photograph, samples at
 * once) is held where memory ends.
 */
export function faultOfNumbers(manifest: Manifest, golden: GoldenRun): string {
  const { input, scope, latent } = manifest
  return (
    faultOfSize(manifest, golden) ||
    faultOfSampling(manifest) ||
    faultOfIntensity(input) ||
    faultOfRange('latent.logVarianceRange', latent.logVarianceRange, -MOST_LOG_VARIANCE, MOST_LOG_VARIANCE) ||
    faultOfPrior(manifest, golden) ||
    (scope.spacingMm === null ? '' : faultOfRange('scope.spacingMm', scope.spacingMm, 0, Infinity)) ||
    (scope.sliceThicknessMm === null
      ? ''
      : faultOfRange('scope.sliceThicknessMm', scope.sliceThicknessMm, 0, Infinity)) ||
    (scope.minDiameterMm !== null && scope.minDiameterMm < 0 ? 'scope.minDiameterMm is negative' : '')
  )
}

function faultOfSize({ input, features }: Manifest, { heightPx, widthPx }: GoldenRun): string {
  const { sizePx, multipleOf } = input
  if ((sizePx === null) === (input.heightPx === null))
    return 'input.sizePx or input.heightPx is given, one of the two'
  if (sizePx !== null && (sizePx !== heightPx || sizePx !== widthPx))
    return `input.sizePx is ${sizePx}, the golden run is of ${widthPx} × ${heightPx} px`
  if (heightPx % multipleOf !== 0 || widthPx % multipleOf !== 0)
    return `input.multipleOf is ${multipleOf}, which the golden run of ${widthPx} × ${heightPx} px is no multiple of`
  const high = sizePx ?? input.heightPx ?? 0
  const bytes = 4 * features.channels * high * high * (sizePx === null ? WIDEST : 1)
  return bytes > MOST_FEATURE_BYTES
    ? `input of ${high} px and ${features.channels} features take ${Math.round(bytes / 2 ** 20)} MiB a picture, ${MOST_FEATURE_BYTES / 2 ** 20} at most`
    : ''
}

function faultOfSampling({ samplerHint, input }: Manifest): string {
  const { chunk, stripRows } = samplerHint
  if (chunk > MAX_SAMPLES) return `samplerHint.chunk is ${chunk}, ${MAX_SAMPLES} at most`
  const rows = input.sizePx ?? input.heightPx ?? 0
  return stripRows !== null && stripRows > rows
    ? `samplerHint.stripRows is ${stripRows}, the input has ${rows} rows`
    : ''
}

function faultOfIntensity({ intensity, sizePx }: Manifest['input']): string {
  if (intensity.kind !== 'cropMinMax') return ''
  const { contextPx } = intensity
  if (contextPx < (sizePx ?? 0))
    return `input.intensity.contextPx is ${contextPx}, less than the crop of ${sizePx ?? 0} px`
  return contextPx > MOST_CONTEXT_PX
    ? `input.intensity.contextPx is ${contextPx}, ${MOST_CONTEXT_PX} at most`
    : ''
}

function faultOfRange(
  what: string,
  [low, high]: readonly [number, number],
  least: number,
  most: number,
): string {
  return low <= high && low >= least && high <= most
    ? ''
    : `${what} is ${low} to ${high}, which is no range of it`
}

/** The encoder clips its log variances to the range: those of the golden run lie in it. */
function faultOfPrior({ latent }: Manifest, { logVariance }: GoldenRun): string {
  const [low, high] = latent.logVarianceRange
  const outside = logVariance.find((value) => value < low - 1e-3 || value > high + 1e-3)
  return outside === undefined
    ? ''
    : `latent.logVarianceRange is ${low} to ${high}, the golden run gave ${outside.toPrecision(4)}`
}
