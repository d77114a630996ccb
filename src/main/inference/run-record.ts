import { createHash } from 'node:crypto'
import type { DeviceReport, Draws, RunRecord, RunRequest } from '../../contract'
import { sliceNumber } from '../../core/geometry/slice-number'
import { shellWord } from '../../core/words/shell-word'
import type { NoiseSource } from '../../core/sampling/latent-draw'
import { drawsOneOutline } from '../../core/sampling/one-outline'
import type { ModelPackage } from '../registry/package'
import type { FoundTarget } from './run-target'

export interface RecordedRun {
  readonly request: RunRequest
  readonly target: FoundTarget
  readonly model: ModelPackage
  readonly inputKey: string
  readonly noise: NoiseSource
  readonly device: DeviceReport
  /** Where the target was opened; null: at no place that lasts. */
  readonly openedPath: string | null
  readonly version: string
  /** How many runs came before: two runs of the same content have differing names. */
  readonly runIndex: number
}

/** Everything needed to make the same samples again. */
export function recordRun(run: RecordedRun): RunRecord {
  const { request, model, inputKey, device } = run
  const draws = drawsOf(run)
  const content = [model.sha256, inputKey, request.samples, request.seed, draws, device.used].join(' ')
  const runId = `${createHash('sha256').update(content).digest('hex').slice(0, 16)}-${run.runIndex}`
  return {
    runId,
    model: model.manifest.id,
    modelVersion: model.manifest.version,
    modelSha256: model.sha256,
    device,
    uncertainty: drawsOneOutline(model.manifest) ? 'none' : 'samples',
    samples: request.samples,
    seed: request.seed,
    draws,
    version: run.version,
    command: commandOf(run),
  }
}

/** How the samples of a run are drawn; the one outline of a model without a latent is drawn either way. */
export const drawsOf = ({ noise, model }: Pick<RecordedRun, 'noise' | 'model'>): Draws =>
  noise.directions === null || drawsOneOutline(model.manifest) ? 'independent' : 'even'

/** The line of the command line that makes the run again; null where it would find nothing. */
export function commandOf(
  run: Pick<RecordedRun, 'request' | 'target' | 'model' | 'openedPath' | 'noise'>,
): string | null {
  const { request, target, model, openedPath } = run
  if (openedPath === null) return null
  const words = ['margin', 'infer', shellWord(openedPath)]
  if (target.place !== null) {
    const { seriesUid, column, row, sliceIndex } = target.place
    const number = target.stack === null ? sliceIndex + 1 : sliceNumber(target.stack, sliceIndex)
    words.push('--series', shellWord(seriesUid), '--at', `${column},${row},${number}`)
  }
  words.push('--model', model.manifest.id, '--samples', `${request.samples}`, '--seed', `${request.seed}`)
  if (!drawsOneOutline(model.manifest)) words.push('--draws', drawsOf(run))
  if (request.evenBlack === true) words.push('--even-black')
  return words.join(' ')
}
