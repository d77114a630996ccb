import { drawWords } from '../../core/words/draw-words'
import {
  type DeviceName,
  type DeviceReport,
  type InstalledModel,
  type ModelModality,
  SCOPE_WARNING,
  TRAINING_CASE,
  type Warning,
} from '../../contract'
import { MODALITIES, modelModality } from '../../core/subject/modalities'
import type { RunSnapshot } from './run-snapshot'
import { formatCount, formatPlural } from '../../core/words/numbers'

const DEVICE_NAMES: { readonly [device in DeviceName]: string } = {
  cuda: 'CUDA',
  tensorrt: 'TensorRT',
  dml: 'DirectML',
  coreml: 'CoreML',
  webgpu: 'WebGPU',
  cpu: 'CPU',
}

export const deviceName = (device: DeviceName): string => DEVICE_NAMES[device]

/** Whether to offer the reasons why no accelerator ran. */
export const fellBack = (device: DeviceReport): boolean => device.used === 'cpu' && device.notUsed.length > 0

/** Packages that were checked and fit a picture of this modality. */
export function modelsFor(
  models: readonly InstalledModel[],
  modality: ModelModality,
): readonly InstalledModel[] {
  return models.filter((model) => model.refusal === null && model.manifest?.modality === modality)
}

/** Stands under the sizes, where it matters. */
const SAID_UNDER_SIZES = 'spacing-unknown'
/** How the comparison was made: stands under it. */
export const ABOUT_READERS = 'agreement-on-grid'

/** Warnings of a run, parted by where they stand: about this picture, about the comparison, about the model. */
export function partWarnings(warnings: readonly Warning[]): {
  readonly here: readonly Warning[]
  readonly aboutReaders: readonly Warning[]
  readonly standing: readonly Warning[]
} {
  const elsewhere = [SCOPE_WARNING, SAID_UNDER_SIZES, ABOUT_READERS, TRAINING_CASE]
  return {
    here: warnings.filter(({ code }) => !elsewhere.includes(code)),
    aboutReaders: warnings.filter(({ code }) => code === ABOUT_READERS || code === TRAINING_CASE),
    standing: warnings.filter(({ code }) => code === SCOPE_WARNING),
  }
}

/** Why nothing can be drawn on a picture of this modality; null when something can. */
export function whyNoModel(models: readonly InstalledModel[] | null, modality: string): string | null {
  if (models === null) return 'The models are still being checked.'
  const reads = modelModality(modality)
  if (reads === null) return `There is no model for ${modality}.`
  if (modelsFor(models, reads).length > 0) return null
  const refused = models.find((model) => model.refusal !== null)
  return refused === undefined
    ? `There is no model for ${MODALITIES[reads].pictures}.`
    : `Model ${refused.id} is refused: ${refused.refusal?.reason ?? ''}`
}

/** Whether a run is of a model that draws one outline and says nothing of spread; false before it is known. */
export const hasNoUncertainty = (run: RunSnapshot | null): boolean => run?.record?.uncertainty === 'none'

/** What a run has drawn so far, from which seed: beside the name of its model. */
export function drawnWords(run: RunSnapshot | null): string {
  if (run?.record == null) return run === null ? 'not drawn yet' : 'preparing the picture'
  if (run.record.uncertainty === 'none') return 'one outline, no uncertainty'
  const asked = run.record.samples
  const drawn = run.masks.length
  const samples =
    drawn < asked
      ? `${formatCount(drawn)} of ${formatPlural(asked, 'sample')}`
      : formatPlural(drawn, 'sample')
  const empty = run.report?.emptyCount ?? 0
  const empties = empty === 0 ? '' : `, ${formatCount(empty)} empty`
  return `${samples} ${drawWords(run.record.draws)}${empties}, seed ${run.record.seed}`
}
